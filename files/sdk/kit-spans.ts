import {
	type Attributes,
	type Context,
	type HrTime,
	type Span,
	type SpanContext,
	INVALID_SPAN_CONTEXT,
	SpanKind,
	type SpanOptions,
	TraceFlags,
	isSpanContextValid,
	trace
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import {
	type IdGenerator,
	type Sampler,
	SamplingDecision,
	type SamplingResult,
	type SpanLimits
} from '@opentelemetry/sdk-trace';
import { givenTime } from './given-time.ts';
import { KitSpan } from './kit-span.ts';
import { SafeSpan } from './safe-span.ts';
import type { Clock, SpanOrigin } from './span-start.ts';
import { wallTimeOf } from './wall-time.ts';

/** The SDK's defaults (https://opentelemetry.io/docs/specs/otel/trace/sdk/#span-limits). */
const DEFAULT_LIMITS: Required<SpanLimits> = {
	attributeCountLimit: 128,
	attributeValueLengthLimit: Infinity,
	eventCountLimit: 128,
	linkCountLimit: 128,
	attributePerEventCountLimit: 128,
	attributePerLinkCountLimit: 128
};

const SAMPLED: SamplingResult = { decision: SamplingDecision.RECORD_AND_SAMPLED };

/** Options for starting a span. */
export interface KitSpanOptions extends Omit<SpanOptions, 'attributes'> {
	/**
	 * A function is called only if the span is recorded, or if the sampler reads attributes. What it returns belongs
	 * to the span, and is not copied.
	 */
	attributes?: Attributes | (() => Attributes) | undefined;
}

/** How spans are sampled. */
export interface Sampling {
	sampler: Sampler;
	/** Whether children of a sampled span are always sampled, so that the sampler need not be called. */
	isInherited: boolean;
	/** Whether the sampler reads attributes. The samplers of the specification do not. */
	readsAttributes: boolean;
}

/** Starts SvelteKit's spans in the same way as the SDK's tracer. A test compares the two. */
export class KitSpans {
	readonly #origin: SpanOrigin;
	readonly #sampling: Sampling;
	readonly #ids: IdGenerator;
	readonly #clockOf: (context: Context) => Clock | undefined;

	/**
	 * @param origin what all spans share
	 * @param sampling how spans are sampled
	 * @param ids generates the ids of spans and traces
	 * @param clockOf the clock of the request that a context belongs to, if any
	 */
	constructor(
		origin: Omit<SpanOrigin, 'limits'> & { limits: SpanLimits },
		sampling: Sampling,
		ids: IdGenerator,
		clockOf: (context: Context) => Clock | undefined
	) {
		const limits = { ...DEFAULT_LIMITS, ...origin.limits };
		// as the SDK does
		if (limits.attributeValueLengthLimit <= 0) limits.attributeValueLengthLimit = Infinity;
		this.#origin = { ...origin, limits };
		this.#sampling = sampling;
		this.#ids = ids;
		this.#clockOf = clockOf;
	}

	/**
	 * Starts a span.
	 *
	 * @param name its name
	 * @param options its options
	 * @param active the context of its parent, or one without a span
	 */
	start(name: string, options: KitSpanOptions, active: Context): Span {
		const context = options.root ? trace.deleteSpan(active) : active;
		if (isTracingSuppressed(context)) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

		const parent = trace.getSpan(context);
		const parentSpanContext = validContextOf(parent);
		const traceId = parentSpanContext?.traceId ?? this.#ids.generateTraceId();
		const kind = options.kind ?? SpanKind.INTERNAL;
		let { attributes } = options;
		const ownsAttributes = typeof attributes === 'function';

		const { isInherited, readsAttributes, sampler } = this.#sampling;
		let result = SAMPLED;
		if (!isInherited || !parentSpanContext || !isSampledHere(parentSpanContext)) {
			if (readsAttributes && typeof attributes === 'function') attributes = attributes();
			const known = readsAttributes ? (attributes as Attributes | undefined) : undefined;
			result = sampler.shouldSample(context, traceId, name, kind, known ?? {}, options.links ?? []);
		}
		const isSampled = result.decision === SamplingDecision.RECORD_AND_SAMPLED;
		const traceState = result.traceState ?? parentSpanContext?.traceState;
		const spanContext: SpanContext = {
			traceId,
			spanId: this.#ids.generateSpanId(),
			traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE
		};
		if (traceState) spanContext.traceState = traceState;
		if (result.decision === SamplingDecision.NOT_RECORD) return trace.wrapSpanContext(spanContext);

		if (typeof attributes === 'function') attributes = attributes();
		const clock = parent instanceof KitSpan ? parent.clock : (this.#clockOf(context) ?? new WallClock());
		const span = new SafeSpan(this.#origin, {
			name,
			kind,
			spanContext,
			parentSpanContext,
			startTime: givenTime(options.startTime) ?? clock.timeOf(performance.now()),
			clock,
			attributes: result.attributes ? { ...attributes, ...result.attributes } : attributes,
			ownsAttributes: ownsAttributes && !result.attributes,
			links: options.links
		});
		this.#origin.processor.onStart(span, context);
		return span;
	}
}

/** The parent's span context, if it is valid. Our own spans are not checked: their ids are always valid. */
function validContextOf(parent: Span | undefined): SpanContext | undefined {
	const spanContext = parent?.spanContext();
	return parent instanceof KitSpan || (spanContext && isSpanContextValid(spanContext))
		? spanContext
		: undefined;
}

function isSampledHere({ traceFlags, isRemote }: SpanContext): boolean {
	return !isRemote && (traceFlags & TraceFlags.SAMPLED) !== 0;
}

/** The clock for spans that do not belong to a request. */
class WallClock implements Clock {
	readonly #startedMs = Date.now();
	readonly #startedAt = performance.now();

	timeOf(now: number): HrTime {
		return wallTimeOf(now, this.#startedMs, this.#startedAt);
	}
}
