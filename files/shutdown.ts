/** What can be flushed, and ended. */
export interface Stoppable {
	flush(): Promise<void>;
	/** Ends all that is under way, at once. */
	close(): Promise<void>;
}

/**
 * The end of telemetry. All that happens at the end shares one time limit, which begins with the first
 * of it: flushing when the last request is over, and closing when the process has nothing else to do.
 *
 * @param target what to stop
 * @param timeoutMs the limit
 */
export function createShutdown(target: Stoppable, timeoutMs: number) {
	let deadline: number | undefined;
	let closed: Promise<void> | undefined;

	/** Waits for a promise until the limit; the timer keeps the process alive meanwhile. */
	async function withinLimit(promise: Promise<void>): Promise<void> {
		deadline ??= performance.now() + timeoutMs;
		let timer: NodeJS.Timeout | undefined;
		const limit = new Promise<void>((resolve) => {
			timer = setTimeout(resolve, Math.max(deadline! - performance.now(), 0));
		});
		await Promise.race([promise.catch(() => {}), limit]);
		clearTimeout(timer);
	}

	const flush = (): Promise<void> => withinLimit(target.flush());

	const shutdown = (): Promise<void> =>
		(closed ??= flush()
			.then(() => target.close())
			.catch(() => {}));

	return { flush, shutdown };
}
