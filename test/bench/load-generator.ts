import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadResult } from './load.ts';
import { type Cores, pinned } from './cores.ts';

/** A process that makes requests. */
export interface LoadGenerator {
	run(order: LoadOrder): Promise<LoadResult>;
	stop(): Promise<void>;
}

/** Starts it, on the core that is not the server's. */
export function startLoadGenerator({ load }: Cores): LoadGenerator {
	const { node, execArgv } = pinned(load);
	const child = spawn(node, [...execArgv, fileURLToPath(new URL('./load.ts', import.meta.url))], {
		stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
		// JSON has no Infinity
		serialization: 'advanced'
	});
	return {
		async run(order) {
			child.send(order);
			const [result] = (await once(child, 'message')) as [LoadResult];
			return result;
		},
		async stop() {
			child.kill();
			await once(child, 'close');
		}
	};
}
