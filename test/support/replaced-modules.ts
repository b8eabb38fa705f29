/**
 * The Vite configuration of an app with a plugin that replaces a module of SvelteKit 3 before other plugins are
 * asked.
 *
 * @param file the module, below SvelteKit's `src`; it is replaced by a copy
 */
export const replacing = (file: string): Record<string, string> => ({
	'vite.config.js': `
		import adapter from 'adapter-node-otel';
		import { sveltekit } from '@sveltejs/kit/vite';
		import { readFileSync } from 'node:fs';
		import path from 'node:path';

		const replaced = path.resolve('../node_modules/@sveltejs/kit/src', ${JSON.stringify(file)});
		const copy = replaced + '?copy';
		const plugin = {
			name: 'replaces-a-module',
			enforce: 'pre',
			resolveId: {
				order: 'pre',
				handler: (specifier, importer = '') =>
					path.resolve(path.dirname(importer), specifier) === replaced ? copy : undefined
			},
			load: (id) => id === copy ? readFileSync(replaced, 'utf8') : undefined
		};

		export default { plugins: [plugin, sveltekit({ adapter: adapter() })] };
	`
});
