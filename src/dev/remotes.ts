import type { RemoteFunctions } from '../../files/types/dev.d.ts';
import { RUNTIME_KEY } from '../kit/globals.ts';

const RUNTIME = Symbol.for(RUNTIME_KEY);

/**
 * The remote functions of the modules that SvelteKit has loaded in this process, by id. Modules stay loaded
 * when telemetry starts later or anew.
 */
export const remotes: RemoteFunctions = new Map();

/** Collects remote functions until telemetry starts. */
export function rememberRemotes(): void {
	(globalThis as { [RUNTIME]?: object })[RUNTIME] ??= {
		noteRemote: (remote: { id: string; name: string }) => void remotes.set(remote.id, remote)
	};
}
