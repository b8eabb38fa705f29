/** The file of Node that `process.exit()` is in. */
const PROCESS_EXIT = 'node:internal/process/per_thread';

/**
 * Calls a listener when the process exits, after all other listeners, so that what they log is still sent. If
 * another listener is added later, this one moves behind it: in a microtask, or before an uncaught exception ends the
 * process. If `process.exit()` comes before the microtask, the listener is called when the other ones are done.
 *
 * @param listener called once or more
 * @returns a function that removes the listener
 */
export function onExit(listener: () => void): () => void {
	let isOn = true;
	const exiting = (): void => {
		const isLast = process.listeners('exit').at(-1) === exiting;
		if (!isLast && new Error().stack?.includes(PROCESS_EXIT)) afterListeners(listener);
		else listener();
	};
	process.on('exit', exiting);
	const goBehind = (): void => {
		process.off('uncaughtExceptionMonitor', goBehind);
		if (!isOn) return;
		process.off('exit', exiting);
		process.on('exit', exiting);
	};
	const onAdded = (event: string | symbol, added: unknown): void => {
		if (event !== 'exit' || added === exiting) return;
		process.on('uncaughtExceptionMonitor', goBehind);
		queueMicrotask(goBehind);
	};
	process.on('newListener', onAdded);
	return () => {
		isOn = false;
		process.off('uncaughtExceptionMonitor', goBehind);
		process.off('newListener', onAdded);
		process.off('exit', exiting);
	};
}

/**
 * Calls a function between the last listener of `exit` and the end of the process. `process.exit()` ends with a call
 * of `process.reallyExit`, which Node keeps replaceable
 * (https://github.com/nodejs/node/blob/main/lib/internal/process/per_thread.js). A listener that throws ends the
 * process without it.
 */
function afterListeners(call: () => void): void {
	const holder = process as unknown as { reallyExit(code?: number): never };
	const { reallyExit } = holder;
	process.once('uncaughtExceptionMonitor', call);
	holder.reallyExit = (code) => {
		holder.reallyExit = reallyExit;
		call();
		return reallyExit.call(process, code);
	};
}
