import path from 'node:path';
import type { Builder } from '@sveltejs/kit';
import type { BuildManifest } from '../../files/types/build-manifest.d.ts';
import { toPosix } from './builder.ts';

/** The part of SvelteKit's configuration that names are made of; SvelteKit 2 has had it below `kit`. */
interface KitConfig {
	appDir: string;
	paths: { base: string };
	files: { routes: string };
}

/** Where SvelteKit has what the names of spans are made of. */
export function findAppFacts(builder: Builder): Pick<BuildManifest, 'base' | 'appDir' | 'routes'> {
	const config = builder.config as Partial<KitConfig> & { kit?: KitConfig };
	// SvelteKit 3 still has a `kit`, and complains when it is read
	const { appDir, paths, files } = (config.paths ? config : config.kit) as KitConfig;
	return { base: paths.base, appDir, routes: toPosix(path.relative('.', files.routes)) };
}
