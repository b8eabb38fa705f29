import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';

import { Waiter } from '../otlp/waiter.ts';
import type { WaitOptions } from '../otlp/waiter.ts';
import { cleanEnv } from './clean-env.ts';
import { testedNode } from './node-binary.ts';

/** How {@link startServer} runs a build. */
export interface ServerOptions {
	/** The whole environment besides `PATH`, `HOST` and `PORT`. */
	env?: Record<string, string>;
	/**
	 * The Node that runs it.
	 *
	 * @default the tested one
	 */
	node?: string;
	execArgv?: readonly string[];
	/**
	 * What is run, as seen from the directory that holds `build`. A server of one's own has to print
	 * a line `Listening on http://…` and to obey `PORT`.
	 *
	 * @default the build directory itself
	 */
	entry?: string;
	/** @default the directory that holds `build` */
	cwd?: string;
	/** Hands over a listening socket as systemd does, as file descriptor 3. Not on Windows. */
	socketActivation?: boolean;
	/**
	 * The origin that adapter-node is configured with, if any: by `ORIGIN` in adapter-node 5, by Kit's
	 * `paths.origin` with adapter-node 6.
	 *
	 * @default https, which it assumes, with the port of the server
	 */
	origin?: string;
	/**
	 * How long it may take to listen.
	 *
	 * @default 30000
	 */
	startTimeoutMs?: number;
}

/** How a process ended. */
export interface Exit {
	code: number | null;
	signal: NodeJS.Signals | null;
}

/** A running server. */
export interface RunningServer {
	readonly url: string;
	/** What adapter-node takes for the server's origin. */
	readonly origin: string;
	readonly port: number;
	readonly pid: number;
	stdout(): string;
	stderr(): string;
	/** Resolves when the process is gone and its output complete. */
	readonly exited: Promise<Exit>;
	/** `fetch` of a path of the server; redirects are not followed. */
	fetch(path: string, init?: RequestInit): Promise<Response>;
	/** Sends a form as a page of the same origin would. */
	submit(path: string, fields?: Record<string, string>, init?: RequestInit): Promise<Response>;
	/** Resolves once both outputs together contain the text. */
	waitForOutput(text: string | RegExp, options?: WaitOptions): Promise<void>;
	signal(signal: NodeJS.Signals): void;
	/** Ends it with SIGTERM, as a deployment does, and with SIGKILL when that takes longer than ten seconds. */
	stop(): Promise<Exit>;
	[Symbol.asyncDispose](): Promise<void>;
}

const attempts = 3;
const killAfterMs = 10_000;

/** Runs `node build` with nothing of this process's environment; resolves when it listens. */
export async function startServer(build: string, options: ServerOptions = {}): Promise<RunningServer> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await start(build, options);
		} catch (error) {
			const isTaken = error instanceof Error && error.message.includes('EADDRINUSE');
			if (!isTaken || attempt === attempts) throw error;
		}
	}
}

async function start(build: string, options: ServerOptions): Promise<RunningServer> {
	const { env = {}, node = await testedNode(), execArgv = [], entry = build } = options;
	const socket = options.socketActivation ? await listen() : undefined;
	const port = socket ? portOf(socket) : Number(env['PORT'] ?? (await findFreePort()));
	// the shell knows the process id that the environment has to name, and keeps it
	const command = socket ? ['sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh', node] : [node];
	const child = spawn(command[0]!, [...command.slice(1), ...execArgv, entry], {
		cwd: options.cwd ?? dirname(build),
		env: {
			...cleanEnv(node),
			HOST: '127.0.0.1',
			...env,
			...(socket ? { LISTEN_FDS: '1' } : { PORT: String(port) })
		},
		stdio: ['ignore', 'pipe', 'pipe', ...(socket ? [descriptorOf(socket)] : [])]
	}) as ChildProcessByStdio<null, Readable, Readable>;
	socket?.close();

	const waiter = new Waiter();
	const output = { stdout: '', stderr: '' };
	for (const name of ['stdout', 'stderr'] as const) {
		child[name].setEncoding('utf8').on('data', (text: string) => {
			output[name] += text;
			waiter.notify();
		});
	}
	let exit: Exit | undefined;
	const exited = once(child, 'close').then(([code, signal]): Exit => {
		exit = { code, signal };
		waiter.notify();
		return exit;
	});
	const describe = (aim: string): string =>
		`${aim}\n--- stdout\n${output.stdout}\n--- stderr\n${output.stderr}`;
	const wait = (text: string | RegExp, aim: string, waitOptions?: WaitOptions): Promise<void> =>
		waiter
			.until(
				() => {
					const all = output.stdout + output.stderr;
					if (typeof text === 'string' ? all.includes(text) : text.test(all)) return null;
					if (exit) throw new Error(describe(`${aim}, but it exited with ${exit.signal ?? exit.code}`));
					return undefined;
				},
				() => describe(aim),
				waitOptions
			)
			.then(() => {});

	const stop = async (): Promise<Exit> => {
		if (exit) return exit;
		child.kill('SIGTERM');
		const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
		return exited.finally(() => clearTimeout(timer));
	};

	try {
		await wait(/^Listening on /m, 'The server was to listen', {
			timeoutMs: options.startTimeoutMs ?? 30_000
		});
	} catch (error) {
		child.kill('SIGKILL');
		await exited;
		throw error;
	}

	const url = `http://127.0.0.1:${port}`;
	const origin = options.origin ?? `https://127.0.0.1:${port}`;
	const request = (path: string, init?: RequestInit): Promise<Response> =>
		fetch(`${url}${path}`, { redirect: 'manual', ...init });
	return {
		url,
		origin,
		port,
		pid: child.pid!,
		stdout: () => output.stdout,
		stderr: () => output.stderr,
		exited,
		fetch: request,
		submit: (path, fields = {}, init = {}) =>
			request(path, {
				method: 'POST',
				body: new URLSearchParams(fields),
				...init,
				headers: {
					accept: 'text/html',
					origin,
					...(init.headers as Record<string, string>)
				}
			}),
		waitForOutput: (text, waitOptions) => wait(text, `Waited for ${String(text)} in the output`, waitOptions),
		signal: (signal) => void child.kill(signal),
		stop,
		[Symbol.asyncDispose]: async () => void (await stop())
	};
}

/**
 * Finds a port that is free at this moment. `PORT=0` would do, but adapter-node 5.3 prints that very 0 instead of the
 * port it got.
 */
export async function findFreePort(): Promise<number> {
	const server = await listen();
	const port = portOf(server);
	server.close();
	await once(server, 'close');
	return port;
}

async function listen(): Promise<Server> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

// Node hands sockets over to children that speak its own protocol only.
const descriptorOf = (server: Server): number =>
	(server as unknown as { _handle: { fd: number } })._handle.fd;
