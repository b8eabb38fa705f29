import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { makeTempDir } from '../support/temp-dir.ts';

export interface ServerOptions {
	command: string;
	args: string[];
	env?: Record<string, string>;
	cwd?: string;
	/** Run as this user; only root can choose. */
	user?: { uid: number; gid: number } | undefined;
	/** Asked again and again until it answers true; gets what the server wrote so far. */
	isReady: (output: string) => boolean | Promise<boolean>;
	/** How long the server may take until it is ready. */
	readyMs?: number;
	/** What asks this server to end in good order. */
	stopSignal?: NodeJS.Signals;
	/** How long it may take to end before it is killed. */
	stopMs?: number;
}

export interface RunningServer {
	pid: number;
	/** Ends the server, by default with `stopSignal`, and waits until it has ended. */
	stop(signal?: NodeJS.Signals): Promise<void>;
	/** What the server wrote to stderr and stdout so far. */
	stderr(): string;
}

const running = new Set<ChildProcess>();

// A test file that dies must not leave a server behind. Only what was started here is ended.
process.on('exit', () => {
	for (const child of running) child.kill('SIGKILL');
});

/** Starts a server and waits until it is ready; throws, with the server's output, if it never is. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
	const { command, args, env, cwd, user, isReady } = options;
	const { readyMs = 30_000, stopSignal = 'SIGTERM', stopMs = 30_000 } = options;
	const child = spawn(command, args, {
		cwd,
		env: { ...process.env, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
		...user
	});
	running.add(child);

	let output = '';
	child.stdout.on('data', (data: Buffer) => (output += data.toString()));
	child.stderr.on('data', (data: Buffer) => (output += data.toString()));

	let isGone = false;
	const gone = new Promise<void>((resolve) => {
		const settle = (): void => {
			isGone = true;
			running.delete(child);
			resolve();
		};
		child.on('close', settle);
		child.on('error', (error) => {
			output += `${error.message}\n`;
			settle();
		});
	});

	async function stop(signal: NodeJS.Signals = stopSignal): Promise<void> {
		if (isGone) return;
		child.kill(signal);
		const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
		await gone;
		clearTimeout(timer);
	}

	const deadline = Date.now() + readyMs;
	while (!(await isReady(output))) {
		if (isGone) throw new Error(`\`${command}\` ended before it was ready:\n${output}`);
		if (Date.now() > deadline) {
			await stop('SIGKILL');
			throw new Error(`\`${command}\` was not ready after ${readyMs} ms:\n${output}`);
		}
		await delay(25);
	}

	return { pid: child.pid!, stop, stderr: () => output };
}

/**
 * Starts a server that has a directory of its own, which is removed when the server has ended or could not start.
 *
 * @param start starts it there
 * @param directory by default a temporary one
 */
export async function withDirectory<T extends RunningServer>(
	start: (directory: string) => Promise<T>,
	directory: string = makeTempDir()
): Promise<T> {
	const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
	try {
		const server = await start(directory);
		return {
			...server,
			async stop(signal) {
				await server.stop(signal);
				await remove();
			}
		};
	} catch (error) {
		await remove();
		throw error;
	}
}

type Numbers<Count extends number, List extends number[] = []> = List['length'] extends Count
	? List
	: Numbers<Count, [...List, number]>;

/**
 * Calls `start` with ports of the loopback interface that nothing listens on. Between the look and the
 * listening another process may take one: then it is called again with others.
 */
export async function withFreePorts<Count extends number, T>(
	count: Count,
	start: (ports: Numbers<Count>) => Promise<T>
): Promise<T> {
	for (let attempt = 1; ; attempt++) {
		const ports = (await freePorts(count)) as Numbers<Count>;
		try {
			return await start(ports);
		} catch (error) {
			if (attempt === 3 || !/address already in use/i.test(String(error))) throw error;
		}
	}
}

async function freePorts(count: number): Promise<number[]> {
	// All are held until the last is found, so that they differ.
	const servers = await Promise.all(Array.from({ length: count }, listenAnywhere));
	const ports = servers.map((server) => (server.address() as AddressInfo).port);
	await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
	return ports;
}

/**
 * Finds free ports in a row, and resolves with the first. They are below those that the system gives to clients: a
 * connection that a client has closed keeps its port for a minute.
 */
export async function findPortsInRow(count: number): Promise<number> {
	for (;;) {
		const first = 20_000 + Math.floor(Math.random() * 10_000);
		const found = await Promise.allSettled(
			Array.from({ length: count }, (_, index) => listen(first + index))
		);
		const servers = found.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
		await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
		if (servers.length === count) return first;
	}
}

const listenAnywhere = (): Promise<Server> => listen(0);

function listen(port: number): Promise<Server> {
	return new Promise((resolve, reject) => {
		const server = createServer();
		server.once('error', reject);
		server.listen(port, '127.0.0.1', () => resolve(server));
	});
}
