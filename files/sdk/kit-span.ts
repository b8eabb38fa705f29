import {
	type Attributes,
	type Exception,
	type HrTime,
	type Link,
	type SpanContext,
	type SpanKind,
	type SpanStatus,
	SpanStatusCode,
	type TimeInput,
	diag
} from '@opentelemetry/api';
import {
	AddAttributeDecision,
	type InstrumentationScope,
	cleanAttributes,
	cleanSimpleAttributes,
	hrTimeDuration,
	isTimeInput,
	maybeAddAttribute
} from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { Span, TimedEvent } from '@opentelemetry/sdk-trace';
import { EVENT_EXCEPTION } from '@opentelemetry/semantic-conventions';
import { exceptionAttributes } from './exception-attributes.ts';
import { givenTime } from './given-time.ts';
import type { Clock, SpanOrigin, SpanStart } from './span-start.ts';
import { isBefore } from './wall-time.ts';

const UNSET: SpanStatus = Object.freeze({ code: SpanStatusCode.UNSET });
const NOT_YET: HrTime = [0, 0];

/** Whether an attribute needs no further check. The SDK's own functions create objects to check any value. */
function isPlain(key: string, value: unknown, limit: number): value is string | number | boolean {
	if (typeof key !== 'string' || key === '') return false;
	if (typeof value === 'string') return value.length <= limit;
	return typeof value === 'number' || typeof value === 'boolean';
}

/**
 * A span of SvelteKit. A request has about a dozen, so they are optimized: one clock per trace, one pass over the
 * attributes, and rarely used objects are created on demand. For processors, exporters and the app it behaves
 * like the SDK's span, including limits and warnings. The only difference is that invalid names, times and links
 * are ignored: they would lose the whole span, or the whole batch. A test compares both classes.
 */
export class KitSpan implements Span {
	name: string;
	readonly kind: SpanKind;
	readonly parentSpanContext?: SpanContext;
	readonly startTime: HrTime;
	endTime: HrTime = NOT_YET;
	status: SpanStatus = UNSET;
	attributes: Attributes;
	/** Whether it has attributes besides those that SvelteKit has started it with. */
	hasOtherAttributes = false;
	readonly links: Link[] = [];
	readonly events: TimedEvent[] = [];
	droppedAttributesCount = 0;
	droppedEventsCount = 0;
	droppedLinksCount = 0;
	/** The clock of the trace, for child spans. */
	readonly clock: Clock;
	readonly #spanContext: SpanContext;
	readonly #origin: SpanOrigin;
	#attributesCount = 0;
	#ended = false;

	constructor(origin: SpanOrigin, start: SpanStart) {
		this.name = String(start.name);
		this.kind = start.kind;
		if (start.parentSpanContext) this.parentSpanContext = start.parentSpanContext;
		this.startTime = start.startTime;
		this.clock = start.clock;
		this.#spanContext = start.spanContext;
		this.#origin = origin;
		this.attributes = start.attributes ? this.#checkAttributes(start.attributes, start.ownsAttributes) : {};
		if (start.links) this.addLinks(start.links);
	}

	get resource(): Resource {
		return this.#origin.resource;
	}

	get instrumentationScope(): InstrumentationScope {
		return this.#origin.scope;
	}

	get duration(): HrTime {
		return this.#ended ? hrTimeDuration(this.startTime, this.endTime) : [-1, -1];
	}

	get ended(): boolean {
		return this.#ended;
	}

	spanContext(): SpanContext {
		return this.#spanContext;
	}

	isRecording(): boolean {
		return !this.#ended;
	}

	setAttribute(key: string, value: Attributes[string]): this {
		if (this.#isOver()) return this;
		this.hasOtherAttributes = true;
		if (this.#setPlain(key, value)) return this;
		const decision = maybeAddAttribute({
			key,
			value,
			attributes: this.attributes,
			limits: this.#origin.limits,
			currentAttributesCount: this.#attributesCount
		});
		if (decision === AddAttributeDecision.ADD_NEW) {
			this.#attributesCount++;
		} else if (decision === AddAttributeDecision.DROP_LIMIT_REACHED && ++this.droppedAttributesCount === 1) {
			diag.warn('Dropping extra attributes.');
		}
		return this;
	}

	setAttributes(attributes: Attributes): this {
		for (const key in attributes) {
			if (Object.hasOwn(attributes, key)) this.setAttribute(key, attributes[key]);
		}
		return this;
	}

	addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
		if (this.#isOver()) return this;
		const { eventCountLimit, attributePerEventCountLimit, attributeValueLengthLimit } = this.#origin.limits;
		if (eventCountLimit === 0) {
			this.droppedEventsCount++;
			return this;
		}
		if (this.events.length >= eventCountLimit) {
			this.events.shift();
			this.droppedEventsCount++;
		}
		const isTime = isTimeInput(attributesOrTime);
		this.events.push({
			name: String(name),
			time: this.#timeOf(isTimeInput(time) || !isTime ? time : attributesOrTime),
			...cleanSimpleAttributes(isTime ? undefined : (attributesOrTime as Attributes), {
				attributeCountLimit: attributePerEventCountLimit,
				attributeValueLengthLimit
			})
		});
		return this;
	}

	addLink({ context, attributes }: Link): this {
		if (this.#isOver()) return this;
		const { linkCountLimit, attributePerLinkCountLimit, attributeValueLengthLimit } = this.#origin.limits;
		const isLink = typeof context.traceId === 'string' && typeof context.spanId === 'string';
		if (!isLink) diag.warn('Dropping a link that has no span context.');
		if (!isLink || linkCountLimit === 0) {
			this.droppedLinksCount++;
			return this;
		}
		if (this.links.length >= linkCountLimit) {
			this.links.shift();
			this.droppedLinksCount++;
		}
		const limits = { attributeCountLimit: attributePerLinkCountLimit, attributeValueLengthLimit };
		this.links.push({ context, ...cleanAttributes(attributes, limits) });
		return this;
	}

	addLinks(links: Link[]): this {
		for (const link of links) this.addLink(link);
		return this;
	}

	setStatus({ code, message }: SpanStatus): this {
		if (this.#isOver() || code === SpanStatusCode.UNSET || this.status.code === SpanStatusCode.OK)
			return this;
		const isText = typeof message === 'string';
		this.status = code === SpanStatusCode.ERROR && isText ? { code, message } : { code };
		if (code === SpanStatusCode.ERROR && !isText && message !== undefined && message !== null) {
			diag.warn(`Dropping invalid status.message of type '${typeof message}', expected 'string'`);
		}
		return this;
	}

	updateName(name: string): this {
		if (!this.#isOver()) this.name = String(name);
		return this;
	}

	recordException(exception: Exception, time?: TimeInput): void {
		const attributes = exceptionAttributes(exception);
		if (!attributes) return diag.warn(`Failed to record an exception ${exception}`);
		this.addEvent(EVENT_EXCEPTION, attributes, time);
	}

	end(time?: TimeInput): void {
		if (this.#ended) {
			const { traceId, spanId } = this.#spanContext;
			return diag.error(`${this.name} ${traceId}-${spanId} - You can only call end() on a span once.`);
		}
		const endTime = this.#timeOf(time);
		const isInconsistent = isBefore(endTime, this.startTime);
		if (isInconsistent) diag.warn('Inconsistent start and end time: the duration of the span is set to 0.');
		this.endTime = isInconsistent ? [...this.startTime] : endTime;

		const { processor } = this.#origin;
		processor.onEnding?.(this);
		this.#ended = true;
		processor.onEnd(this);
	}

	/** Sets an attribute with a plain value, unless there are too many. */
	#setPlain(key: string, value: unknown): boolean {
		const { attributeCountLimit, attributeValueLengthLimit } = this.#origin.limits;
		if (!isPlain(key, value, attributeValueLengthLimit)) return false;
		if (!Object.hasOwn(this.attributes, key)) {
			if (this.#attributesCount >= attributeCountLimit) return false;
			this.#attributesCount++;
		}
		this.attributes[key] = value;
		return true;
	}

	/** Checks attributes with plain values in one pass; other values take the slower path. */
	#checkAttributes(given: Attributes, ownsThem: boolean): Attributes {
		const { attributeCountLimit, attributeValueLengthLimit } = this.#origin.limits;
		this.hasOtherAttributes = !ownsThem;
		const attributes = ownsThem ? given : { ...given };
		let count = 0;
		for (const key in attributes) {
			if (!isPlain(key, attributes[key], attributeValueLengthLimit)) return this.#cleanAttributes(given);
			count++;
		}
		if (count > attributeCountLimit) return this.#cleanAttributes(given);
		this.#attributesCount = count;
		return attributes;
	}

	#cleanAttributes(given: Attributes): Attributes {
		const { attributes = {}, droppedAttributesCount = 0 } = cleanAttributes(given, this.#origin.limits);
		this.#attributesCount = Object.keys(attributes).length;
		this.droppedAttributesCount = droppedAttributesCount;
		return attributes;
	}

	#timeOf(time: TimeInput | undefined): HrTime {
		return givenTime(time) ?? this.clock.timeOf(performance.now());
	}

	#isOver(): boolean {
		if (this.#ended) {
			const { traceId, spanId } = this.#spanContext;
			diag.warn(`Cannot execute the operation on ended Span {traceId: ${traceId}, spanId: ${spanId}}`);
		}
		return this.#ended;
	}
}
