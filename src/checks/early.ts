import { isMainThread } from 'node:worker_threads';
import { checkApi } from './api.ts';
import { checkNode } from './node.ts';

const SAID = Symbol.for('adapter-node-otel: the early checks were made');

/**
 * Says what has to be said before SvelteKit begins, for it may not get as far as to ask the adapter. Once,
 * however often the configuration is read, and only where something is built: editors read it too.
 */
export function warnEarly(): void {
	const said = globalThis as { [SAID]?: boolean };
	// Vite sets it before it reads any configuration
	if (!isMainThread || said[SAID] || process.env['NODE_ENV'] !== 'production') return;
	said[SAID] = true;
	for (const message of [checkNode(), checkApi()]) {
		if (message) process.stderr.write(`adapter-node-otel: ${message}\n`);
	}
}
