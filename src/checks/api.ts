import { findApis } from '../api/api-copy.ts';
import { API } from '../api/share-api.ts';
import { installCommand } from '../project/package-manager.ts';
import { versionOf } from '../project/project.ts';
import { majorOf } from '../project/version.ts';

/**
 * Returns a warning if SvelteKit 2 will not find the API: with tracing on, its build fails.
 *
 * @param from the directory of the app
 */
export function checkApi(from: string = process.cwd()): string | undefined {
	const kit = versionOf('@sveltejs/kit', from);
	if (kit === undefined || majorOf(kit) !== 2 || findApis(from).length > 0) return undefined;
	return `${API} is not to be found from here, and SvelteKit ${kit} cannot be built with tracing without it. Install it: ${installCommand([API], { dev: true, from })}`;
}
