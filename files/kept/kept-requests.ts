import { type Context, SpanKind, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { requestOf } from '../http/request-context.ts';
import type { TracedRequest } from '../http/traced-request.ts';
import { BOUNDS, type Bound, Discards } from './bounds.ts';
import { type KeepRules, KeptRequest } from './kept-request.ts';
import { ATTR_KEPT, asSampled } from './kept-span.ts';

/**
 * Holds the spans of unsampled requests until the requests are over. Requests that failed or were slow are
 * exported, all others are dropped. Memory is limited even if requests hang: the oldest are dropped first.
 */
export class KeptRequests implements SpanProcessor {
	/** The rules for the requests that arrive from now on. */
	rules: KeepRules;
	readonly #exporters: readonly SpanProcessor[];
	readonly #now: () => number;
	readonly #discards = new Discards();
	readonly #requests = new WeakMap<TracedRequest, KeptRequest>();
	readonly #owners = new WeakMap<ReadableSpan, KeptRequest>();
	/** The requests that are not decided yet, oldest first. */
	readonly #undecided = new Set<KeptRequest>();
	#bytes = 0;

	/**
	 * @param rules which requests are kept
	 * @param exporters the processors that export sampled spans
	 * @param now returns milliseconds since any fixed time
	 */
	constructor(
		rules: KeepRules,
		exporters: readonly SpanProcessor[],
		now: () => number = () => performance.now()
	) {
		this.rules = rules;
		this.#exporters = exporters;
		this.#now = now;
	}

	/** What is currently held, and how many requests were dropped because of a limit. */
	get held(): { requests: number; bytes: number; discarded: number } {
		return { requests: this.#undecided.size, bytes: this.#bytes, discarded: this.#discards.count };
	}

	/** Whether to record an unsampled span. */
	records(kind: SpanKind, context: Context): boolean {
		const request = requestOf(context);
		if (!request) return false;
		const known = this.#requests.get(request);
		if (known) return known.state !== 'dropped';
		const { keepErrors, keepSlowerThanMs } = this.rules;
		return kind === SpanKind.SERVER && (keepErrors || keepSlowerThanMs !== undefined);
	}

	onStart(span: Span, context: Context): void {
		if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0) return;
		const request = requestOf(context);
		if (!request) return;
		let known = this.#requests.get(request);
		if (!known) {
			if (span.kind !== SpanKind.SERVER) return;
			known = new KeptRequest(span, request, this.rules, this.#now());
			this.#requests.set(request, known);
			this.#undecided.add(known);
			this.#makeRoom();
		}
		this.#owners.set(span, known);
	}

	onEnd(span: ReadableSpan): void {
		const request = this.#owners.get(span);
		if (!request || request.state === 'dropped') return;
		const before = request.bytes;
		request.take(span);
		this.#bytes += request.bytes - before;

		if (request.state === 'kept') this.#export(span, request);
		else if (span === request.server) this.#decide(request);
		else {
			const isOver = request.spans.length > BOUNDS.requestSpans || request.bytes > BOUNDS.requestBytes;
			if (isOver) this.#decide(request, 'spans');
			this.#makeRoom();
		}
	}

	async forceFlush(): Promise<void> {}

	async shutdown(): Promise<void> {}

	#makeRoom(): void {
		const now = this.#now();
		for (const request of this.#undecided) {
			const isOver = this.#undecided.size > BOUNDS.requests || this.#bytes > BOUNDS.bytes;
			const isOld = now - request.startedAt > BOUNDS.ageMs;
			if (!isOver && !isOld) return;
			this.#decide(request, isOver ? 'memory' : 'age');
		}
	}

	/**
	 * Keeps or drops a request, by what is known so far.
	 *
	 * @param bound the limit that was reached before the request was over
	 */
	#decide(request: KeptRequest, bound?: Bound): void {
		const { spans } = request;
		this.#undecided.delete(request);
		this.#bytes -= request.bytes;
		request.bytes = 0;
		request.spans = [];
		const isKept = request.reason() !== undefined;
		request.state = isKept ? 'kept' : 'dropped';
		if (isKept) for (const span of spans) this.#export(span, request);
		else if (bound) this.#discards.add(bound, this.#now());
	}

	#export(span: ReadableSpan, request: KeptRequest): void {
		const sampled =
			span === request.server ? asSampled(span, { [ATTR_KEPT]: request.reason()! }) : asSampled(span);
		for (const exporter of this.#exporters) exporter.onEnd(sampled);
	}
}
