/**
 * Calls a listener when the process exits, after all other listeners, so that what they log is still sent. If
 * another listener is added later, this one moves behind it in a microtask.
 *
 * @returns a function that removes the listener
 */
export function onExit(listener: () => void): () => void {
	let isOn = true;
	process.on('exit', listener);
	const goBehind = (event: string | symbol, added: unknown): void => {
		if (event !== 'exit' || added === listener) return;
		queueMicrotask(() => {
			if (!isOn) return;
			process.off('exit', listener);
			process.on('exit', listener);
		});
	};
	process.on('newListener', goBehind);
	return () => {
		isOn = false;
		process.off('newListener', goBehind);
		process.off('exit', listener);
	};
}
