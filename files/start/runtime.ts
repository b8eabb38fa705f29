import { allowSecondClose } from '../shutdown/closed-server.ts';
import { flushOnTermination } from '../shutdown/termination.ts';
import type { Runtime } from '../types/runtime.ts';
import type { Signals } from './signals.ts';

/**
 * Creates the functions for the server entries.
 *
 * @param signals the signals that are on
 * @param shutdown ends telemetry
 */
export function createRuntime(signals: Signals, shutdown: Runtime['shutdown']): Partial<Runtime> {
	const { requests } = signals;
	return {
		enabled: requests !== undefined,
		shutdown,
		...requests?.runtime,
		traceServer(server) {
			const http = server && ('listeners' in server ? server : server.server);
			requests?.runtime.traceServer(http);
			flushOnTermination(() => signals.flush());
			if (http) allowSecondClose(http);
		}
	};
}
