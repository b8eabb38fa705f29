import { AsyncLocalStorage } from 'node:async_hooks';

const outside = AsyncLocalStorage.snapshot();

/**
 * Starts a timer that does not keep the process alive, nor the request that is served when it starts.
 *
 * @param call called when the time is over
 * @param ms the time, in milliseconds
 */
export const startTimer = (call: () => void, ms: number): NodeJS.Timeout =>
	outside(() => setTimeout(call, ms)).unref();
