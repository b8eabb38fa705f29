import { isMainThread } from 'node:worker_threads';
import { checkApi } from './api.ts';
import { checkNode } from './node.ts';

const SAID = Symbol.for('adapter-node-otel: the early checks were made');

/**
 * Logs the warnings that must come before SvelteKit starts, because SvelteKit may fail before it calls the
 * adapter. Logs them once, however often the configuration is read, and only during a build: editors read
 * the configuration too.
 */
export function warnEarly(): void {
	const said = globalThis as { [SAID]?: boolean };
	// Vite sets NODE_ENV before it reads any configuration
	if (!isMainThread || said[SAID] || process.env['NODE_ENV'] !== 'production') return;
	said[SAID] = true;
	for (const message of [checkNode(), checkApi()]) {
		if (message) process.stderr.write(`adapter-node-otel: ${message}\n`);
	}
}
