import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Waiter } from '../otlp/waiter.ts';

/** A command line that runs until it is stopped. */
export interface RunningCommand extends AsyncDisposable {
	/** Resolves once its output contains the text. */
	waitForOutput(text: string): Promise<void>;
}

/**
 * Starts a command line in a shell, as a user would.
 *
 * @param line the command line
 * @param cwd the directory
 * @param env the whole environment
 */
export function startCommand(line: string, cwd: string, env: NodeJS.ProcessEnv): RunningCommand {
	// a group of its own: package managers start shells that start what is named
	const child = spawn('sh', ['-c', line], {
		cwd,
		env,
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe']
	});
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
		async waitForOutput(text) {
			const aim = `\`${line}\` was to print ${text}`;
			await waiter.until(
				() => {
					if (output.includes(text)) return true;
					if (isClosed) throw new Error(`${aim}, but it ended\n${output}`);
					return undefined;
				},
				() => `${aim}\n${output}`,
				{ timeoutMs: 60_000 }
			);
		},
		async [Symbol.asyncDispose]() {
			if (!isClosed) process.kill(-child.pid!, 'SIGTERM');
			await closed;
		}
	};
}
