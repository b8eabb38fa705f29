import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** The limit for the start of a server, and for one turn of requests. */
export const TURN_MS = 60_000;

/**
 * Sends a message to a process, and waits for its answer.
 *
 * @param child a process with an IPC channel
 * @param message what to send
 * @throws {Error} if the process has ended, or does not answer in time
 */
export async function ask<T>(child: ChildProcess, message: object): Promise<T> {
	const stop = new AbortController();
	const { signal } = stop;
	const answer = once(child, 'message', { signal: AbortSignal.any([signal, AbortSignal.timeout(TURN_MS)]) });
	const leave = (): void => stop.abort(new Error('a process has ended before its time'));
	child.once('exit', leave).send(message);
	try {
		return (await answer)[0] as T;
	} finally {
		child.off('exit', leave);
	}
}

/**
 * Waits until a server answers.
 *
 * @param url what to request
 * @throws {Error} if it does not answer in time
 */
export async function listening(url: string): Promise<void> {
	const limit = performance.now() + TURN_MS;
	while (!(await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined))) {
		if (performance.now() > limit) throw new Error('the server does not answer');
		await delay(100);
	}
}

/** Stops a server at once: its IPC channel would keep it, and this process, alive. */
export const stop = (child: ChildProcess): boolean => child.kill('SIGKILL');
