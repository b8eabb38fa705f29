import { spawn } from 'node:child_process';
import { watchOutput } from './watch-output.ts';

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
	const output = watchOutput(child, 'it');
	return {
		async waitForOutput(text) {
			const find = (): true | undefined => output.text().includes(text) || undefined;
			await output.waitFor(find, `\`${line}\` was to print ${text}`, { timeoutMs: 60_000 });
		},
		async [Symbol.asyncDispose]() {
			if (!output.isClosed()) process.kill(-child.pid!, 'SIGTERM');
			await output.closed;
		}
	};
}
