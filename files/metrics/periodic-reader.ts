import {
	type CollectionResult,
	PeriodicExportingMetricReader,
	type PushMetricExporter,
	type ResourceMetrics
} from '@opentelemetry/sdk-metrics';
import type { PeriodicSettings } from '../config/metrics.ts';
import { log } from '../diagnostics/log.ts';
import { collectNow } from './collect-now.ts';

/** How long the last export waits for the callbacks of observable instruments. */
const PATIENCE_MS = 1000;

/** The SDK's reader, for callbacks of observable instruments that do not return. */
export class PeriodicReader extends PeriodicExportingMetricReader {
	readonly #timeoutMs: number;
	/** The number of collections that wait for callbacks. */
	#waiting = 0;
	#isStuck = false;
	#isOver = false;

	/**
	 * @param exporter gets what is collected
	 * @param settings the interval, and how long a callback may take
	 */
	constructor(exporter: PushMetricExporter, { intervalMs, timeoutMs }: PeriodicSettings) {
		// the exporter has a time limit of its own, and logs what it cut off
		super({ exporter, exportIntervalMillis: intervalMs, exportTimeoutMillis: intervalMs });
		this.#timeoutMs = timeoutMs;
	}

	override async collect(): Promise<CollectionResult> {
		this.#waiting++;
		try {
			return await super.collect({ timeoutMillis: this.#timeoutMs });
		} finally {
			this.#waiting--;
		}
	}

	/**
	 * Collects and exports, for a process that can end afterwards. Does not wait for a callback that does not
	 * return: everything but its values is exported then.
	 *
	 * @param send exports what was collected without waiting
	 */
	async flush(send: (metrics: ResourceMetrics) => Promise<void>): Promise<void> {
		if (this.#isOver) return;
		const flushed = this.forceFlush();
		const { promise: patience, resolve } = Promise.withResolvers<boolean>();
		const timer = setTimeout(() => resolve(false), this.#isStuck ? 0 : PATIENCE_MS);
		const isFlushed = await Promise.race([flushed.then(() => true), patience]);
		clearTimeout(timer);
		// an export in progress has its own time limit
		if (isFlushed || this.#waiting === 0) return flushed;
		if (!this.#isStuck) {
			log(
				'warn',
				`a callback of an observable instrument has not returned after ${PATIENCE_MS / 1000} s: metrics are exported without its values. Make it return, or make its promise resolve`
			);
		}
		this.#isStuck = true;
		const metrics = collectNow(this);
		if (metrics) await send(metrics);
	}

	/** Stops collecting, after the last flush. Unlike `shutdown`, it waits for no collection in progress. */
	stop(): void {
		this.#isOver = true;
		clearInterval(this['_interval']);
	}

	/** For code that shuts the registered provider down. */
	protected override async onShutdown(): Promise<void> {
		await super.onShutdown();
		this.#isOver = true;
	}
}
