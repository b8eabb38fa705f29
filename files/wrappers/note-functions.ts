import { currentRuntime } from './runtime.ts';

/** Notes the remote functions of a module, after SvelteKit has given them their ids and names. */
export function noteFunctions(module: Readonly<Record<string, { __: { id: string; name: string } }>>): void {
	const noteRemote = currentRuntime()?.noteRemote;
	if (noteRemote) for (const { __ } of Object.values(module)) noteRemote(__);
}
