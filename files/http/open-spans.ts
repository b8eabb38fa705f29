import { type HrTime, diag } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import type { Span } from '@opentelemetry/sdk-trace';
import { ATTR_ERROR_TYPE } from '@opentelemetry/semantic-conventions';
import { describeError } from '../diagnostics/log.ts';
import { KIT } from '../sdk/kit-names.ts';
import { isBefore } from '../sdk/wall-time.ts';

/** The `error.type` of a span that had not ended when the process exited. */
export const PROCESS_EXIT = 'process_exit';

/** How many spans are remembered before those that have ended are removed. */
const PRUNE_AT = 32;

/** The maximum number of spans of one request that have not ended. The oldest are forgotten. */
const MAX_OPEN = 1024;

/** Instrumentations whose spans are around the handling of a request, and belong to its response. */
const FRAMEWORK =
	/\binstrumentation-(connect|express|fastify|hapi|koa|nestjs-core|restify|router)\b|@fastify\/otel/;

/** The methods that change a span. */
const METHODS = [
	'setAttribute',
	'setAttributes',
	'addEvent',
	'addLink',
	'addLinks',
	'setStatus',
	'updateName',
	'recordException',
	'end'
] as const satisfies (keyof Span)[];

/**
 * The spans that have started and not ended. A span that never ends is never exported, and leaves the ended spans
 * below it without a parent.
 */
export class OpenSpans {
	#spans: Span[] = [];
	#pruneAt = PRUNE_AT;

	/** Adds a span that has started. */
	add(span: Span): void {
		if (this.#spans.push(span) < this.#pruneAt) return;
		if (this.prune() > MAX_OPEN) this.#spans.splice(0, this.#spans.length - MAX_OPEN);
		this.#pruneAt = Math.max(PRUNE_AT, 2 * this.#spans.length);
	}

	/** Forgets the spans that have ended, and returns the number of the others. */
	prune(): number {
		this.#spans = this.#spans.filter(({ ended }) => !ended);
		return this.#spans.length;
	}

	/**
	 * Ends the old spans of SvelteKit and of the server's framework, and what is open below them. Spans that the app
	 * has started next to them may belong to work that continues without a client.
	 *
	 * @param time the time at which they end
	 * @param cause their `error.type`
	 * @param startedBefore younger spans belong to work that continues: a request that the app makes to itself
	 * @returns whether there are younger spans of SvelteKit or of the framework
	 */
	endHanging(time: HrTime, cause: string | undefined, startedBefore: HrTime): boolean {
		this.prune();
		const hanging = new Set<string>();
		// a parent has started before its children
		const isHanging = (span: Span): boolean => {
			const parent = span.parentSpanContext?.spanId;
			const isOld = isOfServer(span) && !isBefore(startedBefore, span.startTime);
			const hangs = isOld || (parent !== undefined && hanging.has(parent));
			if (hangs) hanging.add(span.spanContext().spanId);
			return hangs;
		};
		for (const span of this.#spans.filter(isHanging).toReversed()) endFor(span, time, cause);
		this.prune();
		return this.#spans.some(isOfServer);
	}

	/** Removes the spans that are still open, and returns them. */
	take(): Span[] {
		this.prune();
		return this.#spans.splice(0);
	}

	/**
	 * Ends all of them, because the process exits.
	 *
	 * @param time the time at which they end, by default now
	 */
	endAll(time = millisToHrTime(Date.now())): void {
		for (const span of this.#spans.toReversed()) if (!span.ended) endFor(span, time, PROCESS_EXIT);
		this.#spans = [];
	}
}

const isOfServer = ({ instrumentationScope: { name } }: Span): boolean =>
	name === KIT || FRAMEWORK.test(name);

/** Ends a span instead of the code that has started it. Later calls of its methods are ignored. */
function endFor(span: Span, time: HrTime, cause: string | undefined): void {
	try {
		// keep the value that the app has set
		const isNew = span.attributes[ATTR_ERROR_TYPE] === undefined;
		if (cause !== undefined && isNew) span.setAttribute(ATTR_ERROR_TYPE, cause);
		span.end(isBefore(time, span.startTime) ? span.startTime : time);
		for (const method of METHODS) Object.assign(span, { [method]: ignore });
	} catch (error) {
		// a library may have replaced its methods
		diag.error(`an open span could not be ended (${describeError(error)})`);
	}
}

/** Replaces a method. Most methods return the span. */
function ignore(this: Span): Span {
	return this;
}
