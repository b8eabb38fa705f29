import { findProgram, reasonToSkip } from './find-program.ts';
import { startServer, withDirectory, withFreePorts } from './process.ts';
import type { RunningServer } from './process.ts';

export interface Redis extends RunningServer {
	port: number;
	url: string;
}

const inMemory = ['--save', '', '--appendonly', 'no'];

/** Why a Redis cannot be started here, in one line; undefined if it can. */
export function missingRedis(): string | undefined {
	return findProgram('redis-server')
		? undefined
		: reasonToSkip('Redis is not installed: run `sh test/services/install.sh`');
}

/** Starts an empty Redis of its own, in memory only, on a free port of the loopback interface. */
export async function startRedis(): Promise<Redis> {
	const missing = missingRedis();
	if (missing) throw new Error(missing);

	return withDirectory((directory) =>
		withFreePorts(1, async ([port]) => {
			const server = await startServer({
				command: findProgram('redis-server')!,
				args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, ...inMemory],
				isReady: (output) => output.includes('Ready to accept connections')
			});
			return { ...server, port, url: `redis://127.0.0.1:${port}` };
		})
	);
}
