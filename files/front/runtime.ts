import type { Runtime } from '../types/runtime.ts';

/**
 * What `files/entry/register.ts` has made, which runs before the server is imported. Nothing in preview,
 * while pages are prerendered and while SvelteKit looks at the server it has built.
 */
export const runtime: Partial<Runtime> | undefined = (
	globalThis as { [key: symbol]: Partial<Runtime> | undefined }
)[Symbol.for('adapter-node-otel')];
