import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Manifest, readManifest } from '../project.ts';
import type { Instrumented } from './libraries.ts';

/**
 * What to say about instrumented libraries that are part of the server's own modules, where nothing can be
 * hooked: adapter-node leaves outside what `dependencies` names, and nothing else.
 *
 * @param instrumentations with the libraries that they are for
 * @param sources of the server's modules: paths
 * @param app its package.json
 */
export function checkBundled(
	instrumentations: readonly Instrumented[],
	sources: readonly string[],
	{ devDependencies = {}, dependencies = {} }: Manifest = readManifest('package.json')
): string[] {
	return instrumentations.flatMap(({ name, libraries }) => {
		const bundled = libraries.filter((library) => sources.some((source) => isOf(source, library)));
		if (bundled.length === 0) return [];
		const [first = ''] = bundled;
		const remedy =
			first in dependencies
				? 'Exclude it from `ssr.noExternal` of the Vite configuration'
				: first in devDependencies
					? `Move ${first} from devDependencies to dependencies`
					: `Install ${first} as a dependency of the app: npm i ${first}`;
		return [
			`${bundled.join(', ')} ${bundled.length === 1 ? 'is' : 'are'} bundled into the server, where ${name} cannot see ${bundled.length === 1 ? 'it' : 'them'}: there will be no spans of ${bundled.length === 1 ? 'it' : 'them'}. ${remedy}`
		];
	});
}

/** The files that modules were made of, by their source maps. */
export function sourcesOf(out: string, modules: readonly string[]): string[] {
	return modules.flatMap((file) => {
		try {
			const { sources } = JSON.parse(readFileSync(path.join(out, `${file}.map`), 'utf8')) as {
				sources?: (string | null)[];
			};
			return (sources ?? []).filter((source) => source !== null);
		} catch {
			return [];
		}
	});
}

const isOf = (source: string, library: string): boolean =>
	source.replaceAll('\\', '/').includes(`/node_modules/${library}/`);
