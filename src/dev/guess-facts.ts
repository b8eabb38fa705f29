import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildManifest } from '../../files/types/build-manifest.d.ts';
import { DEFAULTS, type ServerFacts } from './server-facts.ts';

/**
 * The facts of a server whose configuration cannot be read: `vite preview` on SvelteKit 2, and Vite 5. What
 * the build has noted is used, and Vite's command line.
 *
 * @param command the command of Vite
 * @param out the directory of the built server
 */
export async function guessFacts(
	command: ServerFacts['command'],
	out: string
): Promise<ServerFacts & Pick<BuildManifest, 'missingFlag'>> {
	const root = process.cwd();
	const known: Known = command === 'preview' ? await readBuild(root, out) : DEFAULTS;
	const { base, appDir, routes, missingFlag } = known;
	return {
		command,
		root,
		outDir: path.join(root, DEFAULTS.outDir),
		allowedHosts: [],
		base,
		appDir,
		routes,
		mode: argument('--mode', '-m') ?? (command === 'preview' ? 'production' : 'development'),
		envDir: root,
		isBeforeKit: false,
		seesModules: false,
		...(missingFlag && { missingFlag })
	};
}

type Known = Pick<BuildManifest, 'base' | 'appDir' | 'routes' | 'missingFlag'>;

/** What the build that is previewed has noted for its server. */
async function readBuild(root: string, out: string): Promise<Known> {
	const file = path.resolve(root, out, 'otel/build-manifest.js');
	if (!existsSync(file)) return DEFAULTS;
	const { default: manifest } = (await import(pathToFileURL(file).href)) as { default: BuildManifest };
	return manifest;
}

/** Reads an argument of Vite's command line. */
export function argument(...names: readonly string[]): string | undefined {
	for (const [index, each] of process.argv.entries()) {
		if (names.includes(each)) return process.argv[index + 1];
		const name = names.find((candidate) => each.startsWith(`${candidate}=`));
		if (name) return each.slice(name.length + 1);
	}
	return undefined;
}
