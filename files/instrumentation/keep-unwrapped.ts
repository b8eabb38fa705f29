// a namespace import, because older versions of Node do not have these hooks
import * as module from 'node:module';

/**
 * Keeps import hooks away from the app's own modules. The hooks of `import-in-the-middle` without an include list,
 * as in the SvelteKit documentation, wrap every module. This turns live bindings into copies, and a build of
 * SvelteKit 3 then responds to every page with an error.
 *
 * @param output the URL of the adapter's output
 */
export function keepUnwrapped(output: string): void {
	// packages that were copied into the output are not the app's own modules
	const isOwn = (url: string): boolean =>
		url.startsWith(output) && !url.slice(output.length).split('/').includes('node_modules');

	module.registerHooks?.({
		// the hook that is registered last runs first
		resolve(specifier, context, next) {
			const { parentURL } = context;
			if (!/^\.\.?\//.test(specifier) || !parentURL || !isOwn(parentURL)) return next(specifier, context);
			const { href } = new URL(specifier, parentURL);
			return isOwn(href) ? { url: href, shortCircuit: true } : next(specifier, context);
		}
	});
}
