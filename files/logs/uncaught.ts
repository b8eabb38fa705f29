import { inspect } from 'node:util';
import { FATAL, toException } from './console-record.ts';
import type { SafeLogger } from './safe-loggers.ts';
import { cut } from './text.ts';

/**
 * Makes a record of an exception that ends the process, because Node does not print it through the
 * console. The event does not change how the process ends
 * (https://nodejs.org/api/process.html#event-uncaughtexceptionmonitor).
 *
 * @param logger gets the record
 * @param limit the maximum number of characters of each text
 * @returns ends it
 */
export function observeUncaught(logger: SafeLogger, limit: number): () => void {
	const listener = (error: unknown): void => {
		// other code handles the exception, and Node prints nothing
		if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback())
			return;
		logger.emitLater(FATAL, () => ({
			...FATAL,
			body: cut(`Uncaught ${inspect(error)}`, limit),
			...(error instanceof Error && { exception: toException(error, limit) })
		}));
	};
	process.on('uncaughtExceptionMonitor', listener);
	return () => void process.off('uncaughtExceptionMonitor', listener);
}
