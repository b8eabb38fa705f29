import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import {
	ATTR_EXCEPTION_MESSAGE,
	ATTR_EXCEPTION_TYPE,
	EVENT_EXCEPTION
} from '@opentelemetry/semantic-conventions';
import { write } from '../diagnostics/write.ts';
import { type Surface, drawLate, drawTrace } from './draw.ts';
import type { DrawnSpan } from './drawn-span.ts';

/** The maximum number of spans that wait for the end of their request: of one trace, and in total. */
const MAX_OF_TRACE = 1000;
const MAX_SPANS = 20_000;

/** The number of drawn traces that are remembered, for spans that end later. */
const MAX_DRAWN = 1000;

/** The maximum length of a name or a message, in characters. */
const MAX_TEXT = 500;

interface Waiting {
	spans: DrawnSpan[];
	/** SERVER spans that have not ended. */
	open: Set<string>;
	/** The number of spans that were dropped. */
	missing: number;
}

/** Draws each trace as a waterfall on stdout when its SERVER span ends. */
export function createWaterfallProcessor(): SpanProcessor {
	return new WaterfallProcessor((draw) => {
		const { stdout } = process;
		// it may have been resized; a terminal without a size has 0 columns
		const surface = { columns: stdout.columns || 80, hasColors: stdout.hasColors?.() ?? false };
		write(stdout, `${draw(surface)}\n`);
	});
}

/** The same for any output. */
export class WaterfallProcessor implements SpanProcessor {
	readonly #draw: (draw: (surface: Surface) => string) => void;
	/** By trace id, oldest first. */
	readonly #waiting = new Map<string, Waiting>();
	#spans = 0;
	/** The names of the drawn traces, by trace id. */
	readonly #drawn = new Map<string, string>();

	constructor(draw: (draw: (surface: Surface) => string) => void) {
		this.#draw = draw;
	}

	onStart(span: Span): void {
		const { traceId, spanId, traceFlags } = span.spanContext();
		if (span.kind === SpanKind.SERVER && (traceFlags & TraceFlags.SAMPLED) !== 0)
			this.#waitingOf(traceId).open.add(spanId);
	}

	onEnd(span: ReadableSpan): void {
		const { traceId, spanId, traceFlags } = span.spanContext();
		if ((traceFlags & TraceFlags.SAMPLED) === 0) return;
		const waiting = this.#waitingOf(traceId);
		waiting.open.delete(spanId);
		const drawn = toDrawn(span);

		const { parentSpanContext: parent } = span;
		const isEntry = waiting.open.size === 0 && (!parent || parent.isRemote === true);
		if (span.kind === SpanKind.SERVER || isEntry) this.#end(traceId, waiting, span, drawn);
		else if (waiting.open.size === 0 && this.#drawn.has(traceId)) {
			const of = this.#drawn.get(traceId)!;
			this.#draw((surface) => drawLate(of, drawn, surface));
		} else this.#keep(waiting, drawn);
		if (waiting.open.size === 0 && waiting.spans.length === 0) this.#waiting.delete(traceId);
	}

	async forceFlush(): Promise<void> {}

	/** Draws the spans whose request has not ended. */
	async shutdown(): Promise<void> {
		for (const [traceId, { spans, missing }] of this.#waiting) {
			if (spans.length > 0) this.#drawBlock({ title: 'not ended', note: `trace ${traceId}`, spans, missing });
		}
		this.#waiting.clear();
		this.#spans = 0;
	}

	#waitingOf(traceId: string): Waiting {
		const known = this.#waiting.get(traceId);
		if (known) return known;
		const waiting: Waiting = { spans: [], open: new Set(), missing: 0 };
		this.#waiting.set(traceId, waiting);
		return waiting;
	}

	#keep(waiting: Waiting, span: DrawnSpan): void {
		if (waiting.spans.length >= MAX_OF_TRACE) {
			waiting.missing++;
			return;
		}
		waiting.spans.push(span);
		this.#spans++;
		for (const [traceId, oldest] of this.#waiting) {
			if (this.#spans <= MAX_SPANS) return;
			this.#spans -= oldest.spans.length;
			oldest.missing += oldest.spans.length;
			oldest.spans = [];
			if (oldest.open.size === 0) this.#waiting.delete(traceId);
		}
	}

	/** Draws a span with all spans below it. Spans of another request in the same trace are kept. */
	#end(traceId: string, waiting: Waiting, root: ReadableSpan, drawn: DrawnSpan): void {
		const isAlone = waiting.open.size === 0;
		const below = isAlone ? waiting.spans : descendantsOf(drawn.id, waiting.spans);
		const drawnNow = new Set(below);
		waiting.spans = waiting.spans.filter((span) => !drawnNow.has(span));
		this.#spans -= below.length;
		const missing = isAlone ? waiting.missing : 0;
		waiting.missing -= missing;

		this.#drawBlock({
			title: titleOf(root),
			note: `trace ${traceId}`,
			rootId: drawn.id,
			spans: [drawn, ...below],
			missing
		});
		this.#drawn.delete(traceId);
		this.#drawn.set(traceId, drawn.name);
		if (this.#drawn.size > MAX_DRAWN) this.#drawn.delete(this.#drawn.keys().next().value!);
	}

	#drawBlock(trace: Parameters<typeof drawTrace>[0]): void {
		this.#draw((surface) => `\n${drawTrace(trace, surface)}`);
	}
}

function descendantsOf(rootId: string, spans: readonly DrawnSpan[]): DrawnSpan[] {
	const children = Map.groupBy(spans, ({ parentId }) => parentId);
	const below = (id: string): DrawnSpan[] =>
		(children.get(id) ?? []).flatMap((span) => [span, ...below(span.id)]);
	return below(rootId);
}

/** The request and its status. */
function titleOf({ name, attributes }: ReadableSpan): string {
	const path = attributes['url.path'];
	if (typeof path !== 'string') return name;
	const query = attributes['url.query'] === undefined ? '' : `?${String(attributes['url.query'])}`;
	const status = attributes['http.response.status_code'];
	const method = String(attributes['http.request.method'] ?? '');
	return `${method} ${path}${query}${status === undefined ? '' : ` → ${String(status)}`}`;
}

function toDrawn(span: ReadableSpan): DrawnSpan {
	return {
		id: span.spanContext().spanId,
		parentId: span.parentSpanContext?.spanId,
		name: span.name.slice(0, MAX_TEXT),
		kind: SpanKind[span.kind],
		startMs: hrTimeToMilliseconds(span.startTime),
		durationMs: hrTimeToMilliseconds(span.duration),
		error: span.status.code === SpanStatusCode.ERROR ? errorOf(span).slice(0, MAX_TEXT) : undefined
	};
}

/** The error of a span: its exception, otherwise its status message. */
function errorOf({ events, status }: ReadableSpan): string {
	const { attributes = {} } = events.find(({ name }) => name === EVENT_EXCEPTION) ?? {};
	const parts = [attributes[ATTR_EXCEPTION_TYPE], attributes[ATTR_EXCEPTION_MESSAGE]].filter(Boolean);
	return parts.length > 0 ? parts.join(': ') : (status.message ?? '');
}
