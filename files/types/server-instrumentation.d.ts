/*
 * The default export of `src/instrumentation.server`. Both halves use these types: the run-time half reads the
 * export, and the package exports the types to the app. Types only, and only those of the API, so that an app
 * needs no other OpenTelemetry package for type checking.
 */
import type {
	Attributes,
	Context,
	HrTime,
	Link,
	MeterProvider,
	Span,
	SpanContext,
	SpanKind,
	SpanStatus,
	TraceState,
	TracerProvider
} from '@opentelemetry/api';
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Configuration in code, merged into the configuration of the environment and the adapter's options: the default
 * export of `src/instrumentation.server`, or what a function there returns or resolves to.
 *
 * Errors in it do not fail requests and do not stop the server from starting: they are logged once, and the
 * failing part is skipped.
 */
export interface ServerInstrumentation {
	/**
	 * Additional instrumentations, besides the installed ones that the build has found. One with the same
	 * `instrumentationName` replaces the one that was found.
	 * @default []
	 */
	instrumentations?: Nested<Instrumentation>;
	/**
	 * Span processors, which get every recorded span before the exporter does. They are flushed and shut down
	 * together with it.
	 * @default []
	 */
	spanProcessors?: SpanProcessor[];
	/**
	 * Additional metric readers of `@opentelemetry/sdk-metrics`, besides those of `OTEL_METRICS_EXPORTER`, which
	 * must name at least one exporter. They are flushed and shut down together with them.
	 * @default []
	 */
	metricReaders?: MetricReader[];
	/**
	 * Views of metrics, with the options of `MeterProvider` of `@opentelemetry/sdk-metrics`: to drop or rename
	 * metrics, or to change bucket boundaries.
	 * @default []
	 */
	views?: object[];
	/**
	 * A sampler, or a function that creates one from the sampler of the environment. `OTEL_TRACES_SAMPLER` and
	 * `OTEL_TRACES_SAMPLER_ARG` override a sampler, so that a deployment can always change it; the function gets
	 * the sampler that they describe.
	 * @default the sampler of the environment
	 */
	sampler?: Sampler | ((environment: Sampler) => Sampler);
	/**
	 * Additional resource attributes; they override the adapter's options, and the environment overrides them.
	 * @default {}
	 */
	resourceAttributes?: Record<string, string | number | boolean>;
	/**
	 * Called with every recorded SERVER span when it has started.
	 *
	 * @param span the span that the app gets as `event.tracing.root`
	 * @param req Node's request, including headers
	 */
	requestHook?(span: Span, req: IncomingMessage): void;
	/**
	 * Called with every recorded SERVER span before it ends.
	 *
	 * @param span the span with its final status
	 * @param res Node's response, which was sent or aborted
	 */
	responseHook?(span: Span, res: ServerResponse): void;
}

/** One value, a list, or nested lists, such as the return value of `getNodeAutoInstrumentations()`. */
export type Nested<T> = T | readonly Nested<T>[];

/** The part of an OpenTelemetry instrumentation that is used here; any version can be used. */
export interface Instrumentation {
	instrumentationName: string;
	instrumentationVersion?: string;
	enable(): void;
	disable(): void;
	getConfig(): { enabled?: boolean };
	setConfig?(config: { enabled?: boolean }): void;
	setTracerProvider(provider: TracerProvider): void;
	setMeterProvider?(provider: MeterProvider): void;
	/** @param provider a logger provider of `@opentelemetry/api-logs` */
	setLoggerProvider?(provider: unknown): void;
}

/** A span processor of any version of the SDK. */
export interface SpanProcessor {
	onStart(span: Span, parentContext: Context): void;
	onEnding?(span: Span): void;
	onEnd(span: FinishedSpan): void;
	forceFlush(): Promise<void>;
	shutdown(): Promise<void>;
}

/** The readable part of an ended span; the SDK calls it `ReadableSpan`. */
export interface FinishedSpan {
	readonly name: string;
	readonly kind: SpanKind;
	readonly startTime: HrTime;
	readonly endTime: HrTime;
	readonly status: SpanStatus;
	readonly attributes: Attributes;
	readonly duration: HrTime;
	spanContext(): SpanContext;
}

/** The part of a metric reader that is used here. */
export interface MetricReader {
	forceFlush(): Promise<void>;
	shutdown(): Promise<void>;
}

/** A sampler of any version of the SDK. */
export interface Sampler {
	shouldSample(
		context: Context,
		traceId: string,
		spanName: string,
		spanKind: SpanKind,
		attributes: Attributes,
		links: Link[]
	): { decision: number; attributes?: Readonly<Attributes>; traceState?: TraceState };
	toString(): string;
}
