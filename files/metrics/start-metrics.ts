import {
	type MeterProvider as ApiMeterProvider,
	type Span,
	type Attributes,
	metrics
} from '@opentelemetry/api';
import { MeterProvider, type MetricReader, type ViewOptions } from '@opentelemetry/sdk-metrics';
import type { Resource } from '@opentelemetry/resources';
import type { MetricReaderSettings, MetricsSettings } from '../config/metrics.ts';
import { IGNORED } from '../http/server-request.ts';
import { type Requests, type RequestsOptions, meetRequests } from '../kit/requests.ts';
import { RemoteFunctions } from '../kit/remote-functions.ts';
import type { MeasureRequest } from '../kit/tracing.ts';
import { type Signal, join } from '../otlp/signal.ts';
import { type FetchMeasures, measureFetch } from './fetch-measures.ts';
import { measureRuntime } from './runtime-measures.ts';
import { createServerMeasures } from './server-measures.ts';

/** Metrics that are on. */
export interface Metrics extends Signal {
	provider: ApiMeterProvider;
	/** Told of each request that is served. */
	measureRequest: MeasureRequest;
	/** Begins to measure outgoing requests. */
	measureFetch(): void;
	/** Meets requests that nobody traces. */
	meetRequests(options: RequestsOptions): Promise<Requests>;
}

/** What metrics are made with, beside their settings. */
export interface MetricsOptions extends Pick<RequestsOptions, 'app'> {
	resource: Resource;
	/** Who sends. */
	userAgent: string;
	/** The name and version of this package: the scope of what it measures. */
	distro: { name: string; version: string };
}

/** What starts SvelteKit's spans where nothing is traced: none. */
const NO_SPANS = { start: (_name: string, _options: { attributes?: Attributes }): Span => IGNORED };

/**
 * Measures requests, the ones in and the ones out, and the runtime, and lets the app measure.
 *
 * @param settings of metrics
 * @param options what else it takes
 */
export async function startMetrics(
	{ readers: wanted, views = [] }: MetricsSettings,
	{ app, resource, userAgent, distro }: MetricsOptions
): Promise<Metrics> {
	const readers = await Promise.all(wanted.map((settings) => createReader(settings, userAgent)));
	const provider = new MeterProvider({
		resource,
		readers: [...readers.map(({ reader }) => reader), ...((app.metricReaders ?? []) as MetricReader[])],
		views: [...views, ...((app.views ?? []) as ViewOptions[])]
	});
	// of a dev server that has restarted
	metrics.disable();
	metrics.setGlobalMeterProvider(provider);
	const meter = provider.getMeter(distro.name, distro.version);
	measureRuntime(meter);
	const { exporters, flush, close, leave } = join([
		...readers.map(({ signal }) => signal),
		...((app.metricReaders ?? []) as MetricReader[]).map(toSignal)
	]);
	let fetches: FetchMeasures | undefined;
	return {
		exporters,
		flush: () => {
			fetches?.settle();
			return flush();
		},
		close,
		leave: () => {
			fetches?.settle();
			return leave();
		},
		provider,
		measureRequest: createServerMeasures(meter),
		measureFetch: () => {
			fetches = measureFetch(meter);
		},
		meetRequests: (options) =>
			meetRequests(
				options,
				NO_SPANS,
				new RemoteFunctions(options.buildManifest.base, options.buildManifest.appDir)
			)
	};
}

async function createReader(
	settings: MetricReaderSettings,
	userAgent: string
): Promise<{ reader: MetricReader; signal: Signal }> {
	switch (settings.exporter) {
		case 'console': {
			const { createConsoleReader } = await import('./console-metrics.ts');
			return createConsoleReader(settings);
		}
		case 'prometheus': {
			const { createPrometheusReader } = await import('./prometheus.ts');
			return createPrometheusReader(settings.host, settings.port);
		}
		default: {
			const { createOtlpReader } = await import('./otlp-metrics.ts');
			return createOtlpReader(settings, userAgent);
		}
	}
}

/** A reader of the app's own exports where it wants to. */
const toSignal = (reader: MetricReader): Signal => ({
	exporters: [],
	flush: () => reader.forceFlush(),
	close: () => reader.shutdown(),
	leave: () => []
});
