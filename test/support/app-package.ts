import type { Dependencies, PackageManager } from './install.ts';
import type { Combination } from './matrix.ts';

// yarn 1 wants the optional packages of every platform to be there, which the newest releases do not
// always have everywhere yet.
const yarnResolutions = { rollup: '4.65.0' };

/** The manifest of an app with exact versions of everything, and the packed package if there is one. */
export function createPackageJson(
	app: string,
	combination: Combination,
	tarball: string | undefined,
	packageManager: PackageManager = 'npm'
): Record<string, unknown> {
	return {
		name: `${app}-app`,
		version: '1.2.3',
		private: true,
		type: 'module',
		...(packageManager === 'yarn' ? { resolutions: yarnResolutions } : {}),
		dependencies: {},
		devDependencies: {
			'@sveltejs/adapter-node': combination.adapterNode,
			'@sveltejs/kit': combination.kit,
			'@sveltejs/vite-plugin-svelte': combination.vitePluginSvelte,
			svelte: combination.svelte,
			vite: combination.vite,
			...(tarball ? { 'adapter-node-otel': `file:${tarball}` } : {})
		}
	};
}

/** What is to be installed, without the entries that a patch took away with `null`. */
export function pickDependencies(packageJson: Record<string, unknown>): Dependencies {
	const pick = (field: string): Record<string, string> =>
		Object.fromEntries(
			Object.entries((packageJson[field] ?? {}) as Record<string, string | null>)
				.filter((entry): entry is [string, string] => entry[1] !== null)
				.sort()
		);
	return {
		dependencies: pick('dependencies'),
		devDependencies: pick('devDependencies'),
		...('overrides' in packageJson && { overrides: pick('overrides') })
	};
}
