import { throughRuntime } from '../kit/wrap-functions.ts';

/**
 * SvelteKit's functions that the production build wraps. In dev Vite transforms the modules of SvelteKit's
 * runtime, on SvelteKit 2 and 3, so that they can be wrapped there. Its other modules are not Vite's: SvelteKit
 * leaves them to Node.
 */
const FUNCTIONS = [
	{ file: 'server/page/render.js', name: 'render_response', hook: 'render' },
	// SvelteKit 3, then SvelteKit 2
	{ file: 'server/errors.js', name: 'handle_error_and_jsonify', hook: 'handleError' },
	{ file: 'server/utils.js', name: 'handle_error_and_jsonify', hook: 'handleError' },
	{ file: 'app/server/remote/shared.js', name: 'get_response', hook: 'callRemote' }
] as const;

/**
 * Wraps the functions of one of SvelteKit's modules.
 *
 * @param code what Vite has made of the module
 * @param file its path
 */
export function wrapKitFunctions(code: string, file: string): string {
	const [, inRuntime] = /@sveltejs\/kit\/src\/runtime\/(.*)/.exec(file.replaceAll('\\', '/')) ?? [];
	return FUNCTIONS.filter((each) => each.file === inRuntime).reduce(
		(before, { name, hook }) =>
			before.replace(
				new RegExp(`\\b(async )?function ${name}(?=\\()`),
				(_, async = '') => `${throughRuntime(name, hook)} ${async}function kit_${name}`
			),
		code
	);
}
