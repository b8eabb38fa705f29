/** The signals that make adapter-node shut down its server. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Flushes when the process gets a shutdown signal, because the process may be killed while the last requests are
 * still running. Data of these requests is exported when the server has closed, as usual.
 *
 * Adds a listener only if there is one already: the first listener for a signal would disable Node's default,
 * which is to exit.
 *
 * @param flush exports all queued items; may be called again
 */
export function flushOnTermination(flush: () => Promise<void>): void {
	for (const signal of SIGNALS) {
		if (process.listenerCount(signal) > 0) process.on(signal, () => void flush().catch(() => {}));
	}
}
