/**
 * Calls a listener when the process exits, after all others: what they log is still sent. Where another one
 * is added, this one goes behind it, as soon as the turn is over that adds it.
 */
export function onExit(listener: () => void): void {
	process.on('exit', listener);
	process.on('newListener', (event, added) => {
		if (event !== 'exit' || added === listener) return;
		queueMicrotask(() => {
			process.off('exit', listener);
			process.on('exit', listener);
		});
	});
}
