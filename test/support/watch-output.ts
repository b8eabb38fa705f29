import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { type WaitOptions, Waiter } from '../otlp/waiter.ts';

/** The output of a process that is running. */
export interface WatchedOutput {
	/** What it wrote to both outputs so far. */
	text(): string;
	/** Resolves when the process has ended. */
	closed: Promise<void>;
	isClosed(): boolean;
	/**
	 * Resolves with what is found in the output, once there is something.
	 *
	 * @param find returns undefined if it is not there yet
	 * @param aim what is waited for, for the message of a failure
	 * @throws {Error} if the process ends first, or when the time is over; the message has the output
	 */
	waitFor<T>(find: () => T | undefined, aim: string, options?: WaitOptions): Promise<T>;
}

/**
 * Collects what a process writes.
 *
 * @param child the process, both outputs piped
 * @param name what it is called in the message of a failure
 */
export function watchOutput(
	child: ChildProcessByStdio<null, Readable, Readable>,
	name: string
): WatchedOutput {
	const waiter = new Waiter();
	let output = '';
	let isClosed = false;
	const closed = once(child, 'close').then(() => {
		isClosed = true;
		waiter.notify();
	});
	for (const stream of [child.stdout, child.stderr]) {
		stream.setEncoding('utf8').on('data', (text: string) => {
			output += text;
			waiter.notify();
		});
	}
	return {
		text: () => output,
		closed,
		isClosed: () => isClosed,
		waitFor: (find, aim, options) =>
			waiter.until(
				() => {
					const found = find();
					if (found === undefined && isClosed) throw new Error(`${aim}, but ${name} ended\n${output}`);
					return found;
				},
				() => `${aim}\n${output}`,
				options
			)
	};
}
