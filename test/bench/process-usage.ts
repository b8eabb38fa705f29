import { readFileSync, readdirSync } from 'node:fs';

/*
 * What another process has used, from Linux's /proc: to measure itself would cost the process CPU time.
 */

/** CPU time of all its threads, in milliseconds; finer than the ticks of `/proc/<pid>/stat`. */
export function cpuMs(pid: number): number {
	let nanoseconds = 0;
	for (const thread of readdirSync(`/proc/${pid}/task`)) {
		nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
	}
	return nanoseconds / 1e6;
}

/** Resident memory, in megabytes. */
export function memoryMb(pid: number): number {
	const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
	return Number(kilobytes) / 1024;
}
