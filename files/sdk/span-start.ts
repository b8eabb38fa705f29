import type { Attributes, HrTime, Link, SpanContext, SpanKind } from '@opentelemetry/api';
import type { InstrumentationScope } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { SpanLimits, SpanProcessor } from '@opentelemetry/sdk-trace';

/** What all spans of a tracer share. */
export interface SpanOrigin {
	readonly resource: Resource;
	readonly scope: InstrumentationScope;
	readonly limits: Required<SpanLimits>;
	/** Never throws. */
	readonly processor: SpanProcessor;
}

/** The clock of all spans of a trace, so that no span starts before its parent. */
export interface Clock {
	/** Converts a time of `performance.now()` into a time since 1970. */
	timeOf(now: number): HrTime;
}

/** The properties of a new span. */
export interface SpanStart {
	name: string;
	kind: SpanKind;
	spanContext: SpanContext;
	parentSpanContext: SpanContext | undefined;
	startTime: HrTime;
	clock: Clock;
	attributes: Attributes | undefined;
	/** Whether the attributes are the span's own object, so that they need not be copied. */
	ownsAttributes: boolean;
	links: Link[] | undefined;
}
