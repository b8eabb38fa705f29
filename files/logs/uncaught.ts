import { inspect } from 'node:util';
import { FATAL, toException } from './console-record.ts';
import type { SafeLogger } from './safe-loggers.ts';
import { cut } from './text.ts';

/**
 * Makes a record of an exception that ends the process: Node prints it past the console. The event changes
 * nothing of how the process ends (https://nodejs.org/api/process.html#event-uncaughtexceptionmonitor).
 *
 * @param logger takes the record
 * @param limit characters of each text at most
 */
export function observeUncaught(logger: SafeLogger, limit: number): void {
	process.on('uncaughtExceptionMonitor', (error) => {
		// somebody else's business: Node prints nothing
		if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback())
			return;
		logger.emitLater(FATAL, () => ({
			...FATAL,
			body: cut(`Uncaught ${inspect(error)}`, limit),
			...(error instanceof Error && { exception: toException(error, limit) })
		}));
	});
}
