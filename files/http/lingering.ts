import { AsyncLocalStorage } from 'node:async_hooks';
import { OpenSpans } from './open-spans.ts';
import type { TracedRequest } from './traced-request.ts';

/** How long after the end of its response a request may have open spans, in milliseconds. */
export const LINGER_MS = 30_000;

/** The maximum number of such requests. The oldest are settled earlier. */
const MAX_REQUESTS = 1024;

/**
 * The requests whose response is over and that still have open spans: a `load` function that never ends after its
 * client has left, or an instrumentation that does not end what it has started. Their spans are ended after a time,
 * so that no exported span has a parent that is not exported. There is a timer only while there are such requests.
 */
export class Lingering {
	/** When each was added, the oldest first. */
	readonly #requests = new Map<TracedRequest, number>();
	/** What the app has started in such requests, and may still end. It does not hold the requests. */
	readonly #left = new OpenSpans();
	/** The timer must not hold the context of the request that was served when it started. */
	readonly #outside = AsyncLocalStorage.snapshot();
	#timer: NodeJS.Timeout | undefined;

	/** The number of requests. */
	get size(): number {
		return this.#requests.size;
	}

	/** Adds a request whose response is over. */
	add(request: TracedRequest): void {
		if (this.#requests.has(request)) return;
		this.#requests.set(request, performance.now());
		if (this.#requests.size > MAX_REQUESTS) {
			const [oldest] = this.#requests.keys();
			this.#release(oldest!);
		}
		this.#wait(LINGER_MS);
	}

	/** Ends what hangs of all requests: the server has closed. */
	settle(): void {
		for (const request of this.#requests.keys()) this.#release(request);
	}

	/** Ends all spans of all requests: the process ends. */
	abandon(): void {
		clearTimeout(this.#timer);
		for (const request of this.#requests.keys()) request.abandon();
		this.#requests.clear();
		this.#left.endAll();
	}

	#release(request: TracedRequest): void {
		this.#requests.delete(request);
		request.settle();
		for (const span of request.takeOpenSpans()) this.#left.add(span);
	}

	#wait(ms: number): void {
		this.#timer ??= this.#outside(() => setTimeout(() => this.#sweep(), ms).unref());
	}

	#sweep(): void {
		this.#timer = undefined;
		const now = performance.now();
		for (const [request, since] of this.#requests) {
			const leftMs = since + LINGER_MS - now;
			if (leftMs > 0) return this.#wait(leftMs);
			this.#requests.delete(request);
			if (request.settle(now - LINGER_MS)) this.#requests.set(request, now);
			else this.#release(request);
		}
	}
}
