import { findApis } from '../api/api-copy.ts';
import { API } from '../api/share-api.ts';
import { installCommand } from '../project/package-manager.ts';
import { versionOf } from '../project/project.ts';
import { majorOf } from '../project/version.ts';

/**
 * Whether SvelteKit 2 will not find the API. With tracing on, its build then fails.
 *
 * @param from the directory of the app
 */
export function isApiMissing(from?: string): boolean {
	const kit = versionOf('@sveltejs/kit', from);
	return kit !== undefined && majorOf(kit) === 2 && findApis(from).length === 0;
}

/**
 * Returns a warning if SvelteKit 2 will not find the API.
 *
 * @param from the directory of the app
 */
export function checkApi(from: string = process.cwd()): string | undefined {
	if (!isApiMissing(from)) return undefined;
	return `${API} cannot be found from here, and SvelteKit ${versionOf('@sveltejs/kit', from)} cannot be built with tracing without it. Install it: ${installCommand([API], { dev: true, from })}`;
}
