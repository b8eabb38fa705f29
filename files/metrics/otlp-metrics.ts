import { context } from '@opentelemetry/api';
import { type ExportResult, ExportResultCode, suppressTracing } from '@opentelemetry/core';
import {
	AggregationTemporality,
	AggregationType,
	InstrumentType,
	type MetricReader,
	type PushMetricExporter,
	type ResourceMetrics
} from '@opentelemetry/sdk-metrics';
import type { OtlpMetricsSettings } from '../config/metrics.ts';
import type { EncodedBatch } from '../otlp/batch.ts';
import { type Destination, createDestination } from '../otlp/destination.ts';
import type { Signal } from '../otlp/signal.ts';
import { collectNow, countDeltas, countPoints } from './collect-now.ts';
import type { Exemplars } from './exemplars.ts';
import { describeEvery } from './every.ts';
import { logOverflow } from './overflow.ts';
import { PeriodicReader } from './periodic-reader.ts';
import { DELTA_WORDING, WORDING } from './wording.ts';

const { CUMULATIVE, DELTA } = AggregationTemporality;
const { COUNTER, HISTOGRAM, OBSERVABLE_COUNTER, OBSERVABLE_GAUGE, GAUGE } = InstrumentType;

/**
 * Which instruments use delta temporality, by the temporality preference
 * (https://opentelemetry.io/docs/specs/otel/metrics/sdk_exporters/otlp/#additional-environment-variable-configuration).
 */
const DELTAS: Record<OtlpMetricsSettings['temporality'], ReadonlySet<InstrumentType>> = {
	cumulative: new Set(),
	delta: new Set([COUNTER, HISTOGRAM, OBSERVABLE_COUNTER, OBSERVABLE_GAUGE, GAUGE]),
	lowmemory: new Set([COUNTER, HISTOGRAM])
};

/**
 * Exports metrics over OTLP: the SDK's reader collects, our transports send.
 *
 * @param settings the resolved settings
 * @param userAgent the value of the User-Agent header
 * @param exemplars the exemplars of our own histograms, if they are on
 */
export async function createOtlpReader(
	settings: OtlpMetricsSettings,
	userAgent: string,
	exemplars?: Exemplars
): Promise<{ reader: MetricReader; signal: Signal }> {
	const { exporter: otlp, intervalMs, timeoutMs } = settings;
	const { serialize, decodeResponse } = await (otlp.protocol === 'http/json'
		? import('./metrics-json.ts')
		: import('./metrics-protobuf.ts'));
	const destination = await createDestination(otlp, {
		decodeResponse,
		userAgent,
		timeoutMs: Math.min(otlp.timeoutMs, timeoutMs),
		wording: settings.temporality === 'cumulative' ? WORDING : DELTA_WORDING
	});
	let lastMs = 0;
	const encode = (metrics: ResourceMetrics): EncodedBatch | undefined => {
		logOverflow(metrics);
		exemplars?.attach(metrics, lastMs);
		lastMs = Date.now();
		try {
			const body = serialize(metrics);
			if (body) return { body, count: countPoints(metrics) };
		} catch (error) {
			destination.health.failed(error as Error, countDeltas(metrics));
		}
		return undefined;
	};
	const exporter = new OtlpMetricExporter(settings, destination, encode);
	const reader = new PeriodicReader(exporter, settings);
	return {
		reader,
		signal: {
			exporters: [`${destination.description} ${describeEvery(intervalMs)}`],
			flush: async () => {
				// an export that waits for its next attempt would hold up this one
				await destination.exporter.forceFlush();
				await reader.flush((metrics) => exporter.send(metrics));
			},
			close: async () => {
				reader.stop();
				exporter.close();
				// aborts exports in progress
				await destination.exporter.shutdown();
				await exporter.forceFlush();
				destination.health.close(exporter.missed);
			},
			drain() {
				if (exporter.isClosed) return [];
				const metrics = collectNow(reader);
				const last = metrics && encode(metrics);
				// totals include what is still being sent
				const unsent = last && settings.temporality === 'cumulative' ? [] : destination.exporter.unsent();
				return [{ batches: [...unsent, ...(last ? [last] : [])], otlp, health: destination.health }];
			}
		}
	};
}

class OtlpMetricExporter implements PushMetricExporter {
	readonly #settings: OtlpMetricsSettings;
	readonly #destination: Destination;
	readonly #encode: (metrics: ResourceMetrics) => EncodedBatch | undefined;
	#isClosed = false;
	#missed = 0;
	#inProgress: Promise<void> = Promise.resolve();

	constructor(
		settings: OtlpMetricsSettings,
		destination: Destination,
		encode: (metrics: ResourceMetrics) => EncodedBatch | undefined
	) {
		this.#settings = settings;
		this.#destination = destination;
		this.#encode = encode;
	}

	/** Whether the last export is done. */
	get isClosed(): boolean {
		return this.#isClosed;
	}

	/**
	 * Data points of the last export that are lost if there is no other: the next export would have their
	 * totals.
	 */
	get missed(): number {
		return this.#missed;
	}

	/** A collection in progress can end later, but the data has already been flushed. */
	close(): void {
		this.#isClosed = true;
	}

	/** The destination logs failures. The reader always gets a success. */
	export(metrics: ResourceMetrics, done: (result: ExportResult) => void): void {
		void this.send(metrics).finally(() => done({ code: ExportResultCode.SUCCESS }));
	}

	/** Exports metrics, unless the last export is done. */
	send(metrics: ResourceMetrics): Promise<void> {
		const batch = this.#isClosed ? undefined : this.#encode(metrics);
		if (batch) this.#inProgress = this.#deliver(batch, countDeltas(metrics));
		return this.#inProgress;
	}

	async #deliver(batch: EncodedBatch, deltas: number): Promise<void> {
		const { exporter, health } = this.#destination;
		const { code, error } = await context.with(suppressTracing(context.active()), () =>
			exporter.export(batch)
		);
		const isTaken = code === ExportResultCode.SUCCESS;
		this.#missed = isTaken ? 0 : batch.count - deltas;
		if (isTaken) health.succeeded();
		else health.failed(error ?? new Error('export failed'), deltas);
	}

	async forceFlush(): Promise<void> {
		await this.#destination.exporter.forceFlush();
		await this.#inProgress;
	}

	async shutdown(): Promise<void> {}

	selectAggregationTemporality(instrument: InstrumentType): AggregationTemporality {
		return DELTAS[this.#settings.temporality].has(instrument) ? DELTA : CUMULATIVE;
	}

	selectAggregation(instrument: InstrumentType) {
		const isExponential = this.#settings.histogram === 'base2_exponential_bucket_histogram';
		return {
			type:
				instrument === HISTOGRAM && isExponential
					? AggregationType.EXPONENTIAL_HISTOGRAM
					: AggregationType.DEFAULT
		} as const;
	}
}
