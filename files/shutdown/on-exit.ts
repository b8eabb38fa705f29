/**
 * Calls a listener when the process exits, after all others: what they log is still sent. Where another one
 * is added, this one goes behind it, as soon as the turn is over that adds it.
 *
 * @returns takes it off again
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
