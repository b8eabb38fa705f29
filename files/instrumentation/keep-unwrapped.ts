// by its namespace: a Node that has no such hooks shall get on without them
import * as module from 'node:module';

/**
 * Keeps import hooks off the app's own modules. Those of `import-in-the-middle` without an include list, as
 * the SvelteKit documentation installs them, wrap every module, which turns live bindings into copies of the
 * moment: a build of SvelteKit 3 then answers every page with an error.
 *
 * @param output the URL of the adapter's output
 */
export function keepUnwrapped(output: string): void {
	// the packages that were copied into it are none of its own
	const isOwn = (url: string): boolean =>
		url.startsWith(output) && !url.slice(output.length).split('/').includes('node_modules');

	module.registerHooks?.({
		// the last to be registered is asked first
		resolve(specifier, context, next) {
			const { parentURL } = context;
			if (!/^\.\.?\//.test(specifier) || !parentURL || !isOwn(parentURL)) return next(specifier, context);
			const { href } = new URL(specifier, parentURL);
			return isOwn(href) ? { url: href, shortCircuit: true } : next(specifier, context);
		}
	});
}
