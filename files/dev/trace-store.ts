import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';

/** The number of latest traces to keep. */
const MAX_TRACES = 500;

/** The number of spans to keep per trace: a first page makes hundreds. */
const MAX_SPANS = 2000;

/** The number of console lines to keep per trace. */
const MAX_LINES = 500;

/** The maximum size of all traces, in characters of JSON. */
const MAX_TEXT = 32 * 1024 * 1024;

/** The maximum length of one text of a span, in characters: long enough for a stack trace. */
const MAX_VALUE = 8 * 1024;

/** A line that a request has printed through the console. */
export interface Line {
	/** The id of the active span. */
	span: string;
	/** When, in milliseconds. */
	at: number;
	/** `INFO`, `WARN` and so on. */
	severity: string;
	text: string;
}

/** A trace in the page's list. */
export interface Summary {
	id: string;
	name: string;
	path: string;
	status: number | undefined;
	start: number;
	ms: number;
	isError: boolean;
	spans: number;
}

interface Stored {
	summary: Summary;
	/** Stored as JSON, so that their size is known. */
	spans: string[];
	lines: string[];
	text: number;
	isEnded: boolean;
}

/**
 * Keeps the latest traces for the page: 500 of them, of 2000 spans and 500 console lines each at most, in 32
 * million characters.
 */
export class TraceStore implements SpanProcessor {
	readonly #traces = new Map<string, Stored>();
	#text = 0;
	/** Called for every trace that has changed and has its SERVER span. */
	onChange: ((summary: Summary) => void) | undefined;

	onStart(): void {}

	onEnd(span: ReadableSpan): void {
		const { traceId, traceFlags } = span.spanContext();
		if ((traceFlags & TraceFlags.SAMPLED) === 0) return;
		const trace = this.#traces.get(traceId) ?? this.#add(traceId);
		const isRoot = span.kind === SpanKind.SERVER;
		if (trace.spans.length < MAX_SPANS || isRoot) {
			this.#keep(trace, trace.spans, toJson(span));
		}
		trace.summary.spans++;
		if (isRoot) {
			const { attributes } = span;
			Object.assign(trace.summary, {
				name: span.name,
				path: String(attributes['url.path'] ?? ''),
				status: attributes['http.response.status_code'],
				start: millis(span.startTime),
				ms: millis(span.duration)
			});
			trace.isEnded = true;
		}
		if (span.status.code === SpanStatusCode.ERROR) trace.summary.isError = true;
		this.#changed(trace);
	}

	/** Adds a line to a trace. */
	addLine(traceId: string, line: Line): void {
		const trace = this.#traces.get(traceId) ?? this.#add(traceId);
		if (trace.lines.length < MAX_LINES) this.#keep(trace, trace.lines, JSON.stringify(line));
		this.#changed(trace);
	}

	/** The traces that have ended, oldest first. */
	summaries(): Summary[] {
		return [...this.#traces.values()].filter(({ isEnded }) => isEnded).map(({ summary }) => summary);
	}

	/** All spans and lines of a trace, as JSON. */
	read(id: string): string | undefined {
		const trace = this.#traces.get(id);
		return trace && `{"spans":[${trace.spans.join(',')}],"lines":[${trace.lines.join(',')}]}`;
	}

	async forceFlush(): Promise<void> {}

	async shutdown(): Promise<void> {}

	#add(id: string): Stored {
		const summary = { id, name: '', path: '', status: undefined, start: 0, ms: 0, isError: false, spans: 0 };
		const trace: Stored = { summary, spans: [], lines: [], text: 0, isEnded: false };
		this.#traces.set(id, trace);
		return trace;
	}

	#keep(trace: Stored, list: string[], text: string): void {
		list.push(text);
		trace.text += text.length;
		this.#text += text.length;
	}

	#changed(trace: Stored): void {
		this.#forget();
		if (trace.isEnded) this.onChange?.(trace.summary);
	}

	#forget(): void {
		for (const [id, { text }] of this.#traces) {
			if (this.#traces.size <= MAX_TRACES && this.#text <= MAX_TEXT) return;
			this.#traces.delete(id);
			this.#text -= text;
		}
	}
}

const millis = ([seconds, nanoseconds]: ReadableSpan['startTime']): number =>
	seconds * 1000 + nanoseconds / 1e6;

function toJson(span: ReadableSpan): string {
	const { spanId } = span.spanContext();
	return JSON.stringify(
		{
			id: spanId,
			parent: span.parentSpanContext?.spanId,
			name: span.name,
			kind: SpanKind[span.kind],
			start: millis(span.startTime),
			ms: millis(span.duration),
			isError: span.status.code === SpanStatusCode.ERROR,
			message: span.status.message,
			attributes: span.attributes,
			events: span.events.map(({ name, time, attributes }) => ({ name, at: millis(time), attributes }))
		},
		(_, value: unknown) =>
			typeof value === 'string' && value.length > MAX_VALUE ? `${value.slice(0, MAX_VALUE)}…` : value
	);
}
