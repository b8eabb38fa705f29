import { RUNTIME } from '../entry/runtime-key.ts';
import type { Runtime } from '../types/runtime.ts';

/**
 * The runtime that was started, if any. It is there before the server is imported. In a dev or preview server
 * it may start later, and change. It is undefined during prerendering and while SvelteKit analyses the built
 * server.
 */
export const currentRuntime = (): Partial<Runtime> | undefined =>
	(globalThis as { [RUNTIME]?: Partial<Runtime> })[RUNTIME];
