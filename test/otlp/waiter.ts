/** How long to wait. */
export interface WaitOptions {
	/** @default 10000 */
	timeoutMs?: number;
}

/** Lets tests wait for a condition, which is checked at every change. */
export class Waiter {
	readonly #checks = new Set<() => void>();

	/** To be called at every change. */
	notify(): void {
		for (const check of this.#checks) check();
	}

	/**
	 * Resolves with the first result of `look` that is not `undefined`. On timeout it rejects with
	 * `describe()`, which sees the state of that moment.
	 */
	async until<T>(
		look: () => T | undefined,
		describe: () => string,
		{ timeoutMs = 10_000 }: WaitOptions = {}
	): Promise<T> {
		// Made here, so that its stack leads to the test and not to a timer.
		const failure = new Error('');
		return new Promise<T>((resolve, reject) => {
			const finish = (settle: () => void): void => {
				clearTimeout(timer);
				this.#checks.delete(check);
				settle();
			};
			const check = (): void => {
				try {
					const result = look();
					if (result !== undefined) finish(() => resolve(result));
				} catch (error) {
					finish(() => reject(error as Error));
				}
			};
			const timer = setTimeout(() => {
				failure.message = `${describe()} (waited ${timeoutMs} ms)`;
				finish(() => reject(failure));
			}, timeoutMs);
			this.#checks.add(check);
			check();
		});
	}
}
