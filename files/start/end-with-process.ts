import { isMainThread } from 'node:worker_threads';
import type { ExportLast } from '../shutdown/last-export.ts';
import { onExit } from '../shutdown/on-exit.ts';
import { createShutdown } from '../shutdown/shutdown.ts';
import { joinThreads } from '../threads/threads.ts';
import type { Signals, SignalsOptions } from './signals.ts';

/**
 * Exports when adapter-node's last request is over, and ends telemetry when the event loop is empty or the process
 * exits.
 *
 * @param signals the signals that are on
 * @param exportLast exports what is left at the exit
 * @param options the options of the signals
 * @returns ends telemetry before that. Never rejects; runs once
 */
export function endWithProcess(
	signals: Signals,
	exportLast: ExportLast,
	{ dev, settings, userAgent }: SignalsOptions
): () => Promise<void> {
	const { requests } = signals;
	const thread = joinThreads();
	const { flush, shutdown, exit } = createShutdown(
		{
			flush: () => signals.flush(),
			abandon: () => requests?.abandon(),
			close: async () => {
				await signals.close();
				if (!isMainThread) thread.leave();
			},
			closeNow: (timeoutMs) => {
				exportLast(signals.drain(), userAgent, timeoutMs);
				thread.leave();
			}
		},
		settings.shutdownTimeoutMs
	);
	// adapter-node emits its event when the last connection closes. The span of a request that its client has left
	// ends a little later in the same turn of the event loop, after all immediates
	const drained = (): unknown =>
		setTimeout(() => {
			requests?.settle();
			void flush();
		});
	const idle = (): void => void shutdown();
	process.on('sveltekit:shutdown' as never, drained);
	process.once('beforeExit', idle);
	const leaveExit = onExit(exit);
	dev?.onStop(() => {
		process.off('sveltekit:shutdown' as never, drained);
		process.off('beforeExit', idle);
		leaveExit();
	});
	return shutdown;
}
