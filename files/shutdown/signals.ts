/** The signals that adapter-node ends its server at. */
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Exports what has ended when the server is told to end: whoever tells it may lose patience while the last
 * requests go on. What they leave is exported when the server has closed, as ever.
 *
 * Only where somebody listens already: a first listener would take away Node's own way of ending.
 *
 * @param flush exports what waits; may be called again
 */
export function flushOnSignals(flush: () => Promise<void>): void {
	for (const signal of SIGNALS) {
		if (process.listenerCount(signal) > 0) process.on(signal, () => void flush().catch(() => {}));
	}
}
