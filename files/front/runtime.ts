import type { Runtime } from '../types/runtime.ts';

/**
 * The runtime from `files/entry/register.ts`, which runs before the server is imported. Undefined in preview,
 * during prerendering and while SvelteKit analyses the built server.
 */
export const runtime: Partial<Runtime> | undefined = (
	globalThis as { [key: symbol]: Partial<Runtime> | undefined }
)[Symbol.for('adapter-node-otel')];
