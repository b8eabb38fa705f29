/** What can be flushed and shut down. */
export interface Stoppable {
	/** Sends all queued items. */
	flush(): Promise<void>;
	/** Ends the spans of requests that are still running. */
	abandon(): void;
	/** Stops all exports immediately. */
	close(): Promise<void>;
	/** The same without waiting for promises, within this time limit. */
	closeNow(timeoutMs: number): void;
}

/**
 * Time for each of the last two steps after the timeout is used up: enough for a collector that responds, when it is
 * another one that has used it up, and to count and log what is lost.
 */
const CLOSE_MS = 100;

/**
 * The shutdown of telemetry. All its steps share one timeout, of which only waiting time is used: after the last
 * request, when the event loop is empty, and when the process exits before that.
 *
 * @param target what to shut down
 * @param timeoutMs the timeout
 */
export function createShutdown(target: Stoppable, timeoutMs: number) {
	let leftMs = timeoutMs;
	let closed: Promise<void> | undefined;
	let isClosed = false;
	let isOver = false;

	/** Waits for a promise until the timeout; the timer keeps the process alive in the meantime. */
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
		await withinLimit(target.flush(), CLOSE_MS);
		await withinLimit(target.close(), CLOSE_MS);
		isClosed = true;
	}

	const shutdown = (): Promise<void> => (closed ??= close().catch(() => {}));

	/**
	 * For the `exit` event, after which nothing runs. Sends what is left then, because the app may log until the
	 * end.
	 */
	const exit = (): void => {
		if (isOver) return;
		isOver = true;
		// an exception here would change the exit code
		try {
			if (!isClosed) target.abandon();
			target.closeNow(leftMs);
		} catch {}
	};

	return { flush, shutdown, exit };
}
