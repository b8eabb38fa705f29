/** What can be flushed, and ended. */
export interface Stoppable {
	/** Sends what waits. */
	flush(): Promise<void>;
	/** Ends the spans of requests that are still served. */
	abandon(): void;
	/** Ends all that is under way, at once. */
	close(): Promise<void>;
	/** The same when nothing can be awaited any more, within so many milliseconds. */
	closeNow(timeoutMs: number): void;
}

/** What closing may take when the limit is used up: a moment, in which what is lost is counted and told. */
const CLOSE_MS = 100;

/**
 * The end of telemetry. All that happens at the end shares one time limit, of which only the time counts
 * that is spent waiting: when the last request is over, when the process has nothing else to do, and when
 * it ends in the middle of something.
 *
 * @param target what to stop
 * @param timeoutMs the limit
 */
export function createShutdown(target: Stoppable, timeoutMs: number) {
	let leftMs = timeoutMs;
	let closed: Promise<void> | undefined;
	let isClosed = false;
	let isOver = false;

	/** Waits for a promise until the limit; the timer keeps the process alive meanwhile. */
	async function withinLimit(promise: Promise<void>, leastMs = 0): Promise<void> {
		const { promise: limit, resolve } = Promise.withResolvers<void>();
		const timer = setTimeout(resolve, Math.max(leftMs, leastMs));
		const since = performance.now();
		await Promise.race([promise.catch(() => {}), limit]);
		clearTimeout(timer);
		leftMs = Math.max(leftMs - (performance.now() - since), 0);
	}

	const flush = (): Promise<void> => withinLimit(target.flush());

	async function close(): Promise<void> {
		target.abandon();
		await flush();
		await withinLimit(target.close(), CLOSE_MS);
		isClosed = true;
	}

	const shutdown = (): Promise<void> => (closed ??= close().catch(() => {}));

	/** For the event `exit`, after which nothing runs: what is left by then, for lines are logged to the end. */
	const exit = (): void => {
		if (isOver) return;
		isOver = true;
		// what is thrown here would change the exit code
		try {
			if (!isClosed) target.abandon();
			target.closeNow(leftMs);
		} catch {}
	};

	return { flush, shutdown, exit };
}
