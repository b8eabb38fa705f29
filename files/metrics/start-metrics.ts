import { type MeterProvider as ApiMeterProvider, type Span, type Attributes } from '@opentelemetry/api';
import {
	type IMetricReader,
	MeterProvider,
	type MetricReader,
	type ViewOptions
} from '@opentelemetry/sdk-metrics';
import type { Resource } from '@opentelemetry/resources';
import type { MetricReaderSettings, MetricsSettings } from '../config/metrics.ts';
import { INSTRUMENTATION_FILE } from '../diagnostics/instrumentation-file.ts';
import { RemoteFunctions } from '../http/remote-functions.ts';
import { NO_SPAN } from '../http/request-context.ts';
import type { MeasureRequest } from '../http/tracing.ts';
import { type Requests, type RequestsOptions, handleRequests } from '../kit/requests.ts';
import { type Signal, join } from '../otlp/signal.ts';
import type { BuildManifest } from '../types/build-manifest.d.ts';
import { guardReaders, keepValid, withCopies } from './app-parts.ts';
import { DURATION_BOUNDS } from './bounds.ts';
import { Exemplars } from './exemplars.ts';
import { measureFetch } from './fetch-measures.ts';
import { registerMeters } from './register-meters.ts';
import { measureRuntime } from './runtime-measures.ts';
import { SafeMeterProvider } from './safe-meters.ts';
import { createServerMeasures } from './server-measures.ts';

/** Started metrics. */
export interface Metrics extends Signal {
	provider: ApiMeterProvider;
	/** Called for each incoming request. */
	measureRequest: MeasureRequest;
	/** Starts to measure outgoing requests. */
	measureFetch(): void;
	/**
	 * Starts to measure Node and V8, unless an instrumentation does: sums of both would be twice as large.
	 *
	 * @param instrumentations the names of the active instrumentations
	 */
	measureRuntime(instrumentations: readonly string[]): void;
	/** Handles requests that are not traced. */
	handleRequests(options: RequestsOptions): Promise<Requests>;
	/** Removes what is registered in the process, for a dev server that starts metrics again. */
	restore(): void;
}

/** What metrics need in addition to their settings. */
export interface MetricsOptions extends Pick<RequestsOptions, 'app' | 'dev'> {
	resource: Resource;
	/** The value of the User-Agent header. */
	userAgent: string;
	/** The name and version of this package are the scope of its metrics. */
	buildManifest: Pick<BuildManifest, 'distro'>;
}

/** Starts no SvelteKit spans, for a server without tracing. */
const NO_SPANS = { start: (_name: string, _options: { attributes?: Attributes }): Span => NO_SPAN };

/**
 * Measures incoming and outgoing requests and the runtime, and registers the meter provider for the app.
 *
 * @param settings the settings of metrics
 * @param options what metrics need in addition
 */
export async function startMetrics(
	{ readers: wanted, exemplarFilter, views = [] }: MetricsSettings,
	{ app, dev, resource, userAgent, buildManifest: { distro } }: MetricsOptions
): Promise<Metrics> {
	// other exporters send none
	const hasOtlp = wanted.some(({ exporter }) => typeof exporter === 'object');
	const exemplars =
		hasOtlp && exemplarFilter !== 'always_off'
			? new Exemplars(exemplarFilter, DURATION_BOUNDS, distro.name)
			: undefined;
	const readers = await Promise.all(wanted.map((settings) => createReader(settings, userAgent, exemplars)));
	const ofApp = guardReaders((app.metricReaders ?? []) as MetricReader[]);
	const provider = new SafeMeterProvider(
		new MeterProvider({
			resource,
			readers: [...readers.map(({ reader }) => reader), ...ofApp],
			views: [
				...keepValid(views, 'OTEL_CONFIG_FILE'),
				...keepValid(((app.views ?? []) as ViewOptions[]).map(withCopies), INSTRUMENTATION_FILE)
			]
		})
	);
	const undo = [registerMeters(dev?.followMeters(provider) ?? provider)];
	const meter = provider.getMeter(distro.name, distro.version);
	const { exporters, flush, close, drain } = join([
		...readers.map(({ signal }) => signal),
		...ofApp.map(toSignal)
	]);
	const server = createServerMeasures(meter, exemplars);
	return {
		exporters,
		flush,
		close,
		drain: () => {
			server.settle();
			return drain();
		},
		provider,
		measureRequest: server.measureRequest,
		measureFetch: () => void undo.push(measureFetch(meter, exemplars)),
		measureRuntime: (instrumentations) => {
			if (!instrumentations.includes('runtime-node')) undo.push(measureRuntime(meter));
		},
		handleRequests: (options) =>
			handleRequests(
				options,
				NO_SPANS,
				new RemoteFunctions(options.buildManifest.base, options.buildManifest.appDir)
			),
		restore: () => undo.forEach((each) => each())
	};
}

async function createReader(
	settings: MetricReaderSettings,
	userAgent: string,
	exemplars: Exemplars | undefined
): Promise<{ reader: MetricReader; signal: Signal }> {
	switch (settings.exporter) {
		case 'console': {
			const { createConsoleReader } = await import('./console-metrics.ts');
			return createConsoleReader(settings);
		}
		case 'prometheus': {
			const { createPrometheusReader } = await import('./prometheus.ts');
			return createPrometheusReader(settings);
		}
		default: {
			const { createOtlpReader } = await import('./otlp-metrics.ts');
			return createOtlpReader(settings, userAgent, exemplars);
		}
	}
}

/** A reader of the app's own exports where it wants to. */
const toSignal = (reader: IMetricReader): Signal => ({
	exporters: [],
	flush: () => reader.forceFlush(),
	close: () => reader.shutdown(),
	drain: () => []
});
