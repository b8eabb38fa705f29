import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { hrTimeToMilliseconds } from '@opentelemetry/core';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { write } from '../diagnostics/write.ts';
import { type Surface, drawLate, drawTrace } from './draw.ts';
import type { DrawnSpan } from './drawn-span.ts';

/** Spans that wait for the end of their request, of one trace and of all. */
const MAX_OF_TRACE = 1000;
const MAX_SPANS = 20_000;

/** Traces that are known to be drawn, for what comes later. */
const MAX_DRAWN = 1000;

/** Characters that are kept of a name or a message: more fit no line. */
const MAX_TEXT = 500;

interface Waiting {
	spans: DrawnSpan[];
	/** SERVER spans that have not ended. */
	open: Set<string>;
	/** Spans that there was no room for. */
	missing: number;
}

/** Draws each trace as a waterfall on stdout, when its SERVER span ends: for a person at a terminal. */
export function createWaterfallProcessor(): SpanProcessor {
	return new WaterfallProcessor((draw) => {
		const { stdout } = process;
		// it may have been resized, and a terminal without a size says 0
		const surface = { columns: stdout.columns || 80, hasColors: stdout.hasColors?.() ?? false };
		write(stdout, `${draw(surface)}\n`);
	});
}

/** The same, wherever it is drawn. */
export class WaterfallProcessor implements SpanProcessor {
	readonly #draw: (draw: (surface: Surface) => string) => void;
	/** By trace, the oldest first. */
	readonly #waiting = new Map<string, Waiting>();
	#spans = 0;
	/** Names of what was drawn, by trace. */
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

	/** Draws what no request has ended for. */
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

	/** Draws a span with all that is below it. Another request of the same trace keeps what is its own. */
	#end(traceId: string, waiting: Waiting, root: ReadableSpan, drawn: DrawnSpan): void {
		const isAlone = waiting.open.size === 0;
		const below = isAlone ? waiting.spans : descendantsOf(drawn.id, waiting.spans);
		const taken = new Set(below);
		waiting.spans = waiting.spans.filter((span) => !taken.has(span));
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

/** What was asked for, and answered. */
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

/** What the span says went wrong: its exception, else its status. */
function errorOf({ events, status }: ReadableSpan): string {
	const { attributes = {} } = events.find(({ name }) => name === 'exception') ?? {};
	const parts = [attributes['exception.type'], attributes['exception.message']].filter(Boolean);
	return parts.length > 0 ? parts.join(': ') : (status.message ?? '');
}
