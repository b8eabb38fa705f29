import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { WaitOptions } from '../otlp/waiter.ts';
import { cleanEnv } from './clean-env.ts';
import { watchOutput } from './watch-output.ts';

/** Vite's dev or preview server for an app. */
export interface ViteServer extends AsyncDisposable {
	readonly url: string;
	readonly pid: number;
	/** What it wrote to both outputs. */
	output(): string;
	/** Resolves once the output contains the text. */
	waitForOutput(text: string | RegExp, options?: WaitOptions): Promise<void>;
	/** `fetch` of a path of the server; redirects are not followed. */
	fetch(path: string, init?: RequestInit): Promise<Response>;
	stop(): Promise<void>;
}

/** How {@link startVite} runs it. */
export interface ViteOptions {
	env?: Record<string, string>;
	/** Options for Node. */
	execArgv?: readonly string[];
	/** More arguments of the command. */
	args?: readonly string[];
	/** A file of the app that starts Vite itself and prints the same line; it gets no arguments but `args`. */
	entry?: string;
	/** A command that runs it, such as one that gives it a terminal. */
	runner?: readonly string[];
}

/** Runs `vite dev` or `vite preview` in an app's directory; resolves when it listens. */
export async function startVite(
	dir: string,
	command: 'dev' | 'preview',
	{ env = {}, args = [], runner = [], execArgv = [], entry }: ViteOptions = {}
): Promise<ViteServer> {
	const vite = createRequire(join(dir, 'package.json')).resolve('vite/package.json');
	const bin = join(vite, '../bin/vite.js');
	const run = entry ? [join(dir, entry)] : [bin, command, '--port', '0', '--host', '127.0.0.1'];
	const line = [...runner, process.execPath, ...execArgv, ...run, ...args];
	const child = spawn(line[0]!, line.slice(1), {
		cwd: dir,
		env: { ...cleanEnv(), NO_COLOR: '1', ...env },
		stdio: ['ignore', 'pipe', 'pipe']
	});
	const output = watchOutput(child, `vite ${command}`);
	const stop = async (): Promise<void> => {
		child.kill('SIGTERM');
		await output.closed;
	};

	try {
		const url = await output.waitFor(
			() => /Local: +(https?:\/\/[\w.]+:\d+)/.exec(output.text())?.[1],
			'Vite was to listen',
			{
				timeoutMs: 30_000
			}
		);
		return {
			url,
			pid: child.pid!,
			output: output.text,
			waitForOutput: (text, options) =>
				output
					.waitFor(
						() =>
							(typeof text === 'string' ? output.text().includes(text) : text.test(output.text())) ||
							undefined,
						`Waited for ${text}`,
						options
					)
					.then(() => {}),
			fetch: (path, init) => fetch(`${url}${path}`, { redirect: 'manual', ...init }),
			stop,
			[Symbol.asyncDispose]: stop
		};
	} catch (error) {
		child.kill('SIGKILL');
		throw error;
	}
}
