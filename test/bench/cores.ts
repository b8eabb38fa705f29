import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** The cores of the server and of the load; undefined if the machine cannot separate them. */
export interface Cores {
	server: number | undefined;
	load: number | undefined;
}

/** The first core for the server and the second for everything else, this process included. */
export function shareCores(): Cores {
	if (availableParallelism() < 2) return { server: undefined, load: undefined };
	try {
		execFileSync('taskset', ['-a', '-c', '-p', '1', String(process.pid)], { stdio: 'ignore' });
		return { server: 0, load: 1 };
	} catch {
		return { server: undefined, load: undefined };
	}
}

/** Runs Node on one core: `taskset` is replaced by the program, with the same process id. */
export function pinned(core: number | undefined): { node: string; execArgv: string[] } {
	if (core === undefined) return { node: process.execPath, execArgv: [] };
	return { node: 'taskset', execArgv: ['-c', String(core), process.execPath] };
}
