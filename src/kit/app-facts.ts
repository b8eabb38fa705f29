import path from 'node:path';
import type { Builder } from '@sveltejs/kit';
import type { BuildManifest } from '../../files/types/build-manifest.d.ts';
import { toPosix } from './builder.ts';

/** The part of SvelteKit's configuration that span names need. In SvelteKit 2 it is below `kit`. */
interface KitConfig {
	appDir: string;
	paths: { base: string };
	files: { routes: string };
}

/** Reads what span names need from SvelteKit. */
export function findAppFacts(builder: Builder): Pick<BuildManifest, 'base' | 'appDir' | 'routes'> {
	const config = builder.config as Partial<KitConfig> & { kit?: KitConfig };
	// SvelteKit 3 still has a `kit` property, and logs a warning when it is read
	const { appDir, paths, files } = (config.paths ? config : config.kit) as KitConfig;
	return { base: paths.base, appDir, routes: toPosix(path.relative('.', files.routes)) };
}
