/*
 * What `src/instrumentation.server` may export as its default. Both halves share it: the run time obeys it,
 * and the package's types hand it to the app. Types only, and none but the API's, so that an app needs no
 * OpenTelemetry package to be checked.
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
 * Configuration in code, merged into what the environment and the adapter's options say: the default export
 * of `src/instrumentation.server`, or what a function there returns or resolves to.
 *
 * Nothing of it can fail a request or keep the server from starting: a fault is told once, and skipped.
 */
export interface ServerInstrumentation {
	/**
	 * More instrumentations, beside the installed ones that the build has found; one of the same
	 * `instrumentationName` takes the place of the one that was found.
	 * @default []
	 */
	instrumentations?: Nested<Instrumentation>;
	/**
	 * Span processors, which see every span that is recorded before the exporter does. They are flushed and
	 * shut down with it.
	 * @default []
	 */
	spanProcessors?: SpanProcessor[];
	/**
	 * More readers of metrics, of `@opentelemetry/sdk-metrics`, beside those of `OTEL_METRICS_EXPORTER`, which must
	 * name one. They are flushed and shut down with them.
	 * @default []
	 */
	metricReaders?: MetricReader[];
	/**
	 * Views of metrics, as `MeterProvider` of `@opentelemetry/sdk-metrics` takes them: what is dropped, renamed,
	 * or measured by other bounds.
	 * @default []
	 */
	views?: object[];
	/**
	 * A sampler, or a function that makes one out of the environment's. `OTEL_TRACES_SAMPLER` and
	 * `OTEL_TRACES_SAMPLER_ARG` win over a sampler, so that a deployment can always be told otherwise; the
	 * function gets the one that they describe.
	 * @default the environment's
	 */
	sampler?: Sampler | ((environment: Sampler) => Sampler);
	/**
	 * More attributes of the resource; they win over the adapter's options, and the environment over them.
	 * @default {}
	 */
	resourceAttributes?: Record<string, string | number | boolean>;
	/**
	 * Called with every SERVER span that is recorded, when it has been started.
	 *
	 * @param span which the app knows as `event.tracing.root`
	 * @param req Node's request, headers and all
	 */
	requestHook?(span: Span, req: IncomingMessage): void;
	/**
	 * Called with every SERVER span that is recorded, before it is ended.
	 *
	 * @param span with its final status
	 * @param res Node's response, which has been sent or cut off
	 */
	responseHook?(span: Span, res: ServerResponse): void;
}

/** One, or a list of them, or lists in lists: what `getNodeAutoInstrumentations()` and its like return. */
export type Nested<T> = T | readonly Nested<T>[];

/** The part of an OpenTelemetry instrumentation that is used here: any version's will do. */
export interface Instrumentation {
	instrumentationName: string;
	instrumentationVersion?: string;
	enable(): void;
	disable(): void;
	getConfig(): { enabled?: boolean };
	setConfig?(config: { enabled?: boolean }): void;
	setTracerProvider(provider: TracerProvider): void;
	setMeterProvider?(provider: MeterProvider): void;
	/** @param provider of `@opentelemetry/api-logs` */
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

/** What a processor can read of a span; the SDK calls it `ReadableSpan`. */
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

/** The part of a reader of metrics that is used here. */
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
