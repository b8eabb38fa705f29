import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { configFiles, merge } from './app-config.ts';
import type { AppConfig } from './app-config.ts';
import { readApp, readOverlay } from './app-sources.ts';
import type { Files } from './app-sources.ts';
import { cached, cacheDir, hashOf } from './cache.ts';
import { cleanEnv } from './clean-env.ts';
import { exec } from './exec.ts';
import { createPackageJson, pickDependencies } from './app-package.ts';
import { install, installShared } from './install.ts';
import type { PackageManager } from './install.ts';
import { matrix } from './matrix.ts';
import type { Combination, CombinationId } from './matrix.ts';
import { packTarball } from './package-tarball.ts';
import { createdFiles } from './sv.ts';

/** Which app is built, and how it differs from its sources. */
export interface AppOptions extends Partial<AppConfig> {
	/**
	 * A directory of `test/apps`.
	 *
	 * @default 'basic'
	 */
	app?: string;
	/** One of the matrix, or any other. */
	combination: CombinationId | Combination;
	/** Directories of `test/apps/overlays`, laid over the app in this order. `remote` is the combination's own. */
	overlays?: string[];
	/** Files to add or replace by their path, `null` to leave one out. */
	files?: Record<string, string | null>;
	/** Merged into the app's `package.json`. */
	packageJson?: Record<string, unknown>;
	/**
	 * Other than npm, it installs into the app's own directory, and shares nothing.
	 *
	 * @default 'npm'
	 */
	packageManager?: PackageManager;
	/** The environment of the build, besides a minimal one. */
	env?: Record<string, string>;
	/**
	 * The Node that builds.
	 *
	 * @default the one that runs the tests
	 */
	node?: string;
	/** Resolves even if the build fails: check `exitCode`. */
	allowFailure?: boolean;
}

/** A built app. It is shared by all tests that ask for the same: copy it before changing anything. */
export interface App {
	/** The app's directory. */
	dir: string;
	/** The adapter's output, `build` below it. */
	build: string;
	/** What `vite build` wrote to both outputs. */
	log: string;
	exitCode: number;
	packageJson: Record<string, unknown>;
}

// Not `build.json`: `node build` would run it.
const resultFile = 'build-result.json';

interface BuildResult {
	exitCode: number;
	log: string;
}

/**
 * Builds a real app with real, exact versions of everything, the packed package among them. The
 * result is kept and reused as long as none of what went into it changes.
 */
export async function buildApp(options: AppOptions): Promise<App> {
	const {
		adapter = 'adapter-node-otel',
		node = process.execPath,
		env = {},
		packageManager = 'npm'
	} = options;
	const combination: Combination =
		typeof options.combination === 'string' ? matrix[options.combination] : options.combination;
	const tarball = adapter === 'adapter-node-otel' ? await packTarball() : undefined;
	const { files, packageJson } = await assemble(options, adapter, combination, tarball?.path);

	const isShared = packageManager === 'npm';
	const parent = isShared ? await installShared(pickDependencies(packageJson)) : join(cacheDir, 'apps');
	const hash = hashOf([
		packageManager,
		node,
		env,
		Object.entries(files).map(([path, text]) => [path, String(text)])
	]);
	const name = isShared ? `app-${hash}` : `${packageManager}-${hash}`;

	const dir = await cached(relative(cacheDir, join(parent, name)), async (target) => {
		await writeFiles(target, files);
		if (!isShared) await install(packageManager, target);
		const vite = join(isShared ? parent : target, 'node_modules/vite/bin/vite.js');
		const { code, stdout, stderr } = await exec(node, [vite, 'build'], {
			cwd: target,
			env: { ...cleanEnv(node), ...env },
			allowFailure: true
		});
		const result: BuildResult = { exitCode: code ?? 1, log: stdout + stderr };
		await writeFile(join(target, resultFile), JSON.stringify(result));
	});
	const { exitCode, log }: BuildResult = JSON.parse(await readFile(join(dir, resultFile), 'utf8'));
	if (exitCode !== 0 && !options.allowFailure) throw new Error(`\`vite build\` failed in ${dir}\n${log}`);
	return { dir, build: join(dir, 'build'), log, exitCode, packageJson };
}

/** Copies a built app's output to a place of its own, away from any `node_modules`. */
export async function copyBuild(app: App, target: string): Promise<string> {
	const build = join(target, 'build');
	await cp(app.build, build, { recursive: true });
	return build;
}

async function assemble(
	options: AppOptions,
	adapter: AppConfig['adapter'],
	combination: Combination,
	tarball: string | undefined
): Promise<{ files: Files; packageJson: Record<string, unknown> }> {
	const { app = 'basic', overlays = [] } = options;
	const names = overlays.map((name) => (name === 'remote' ? combination.remoteOverlay : name));
	const layers = await Promise.all(names.map(readOverlay));

	const packageJson = [
		...layers.map(({ settings }) => settings.packageJson ?? {}),
		options.packageJson ?? {}
	].reduce(merge, createPackageJson(app, combination, tarball, options.packageManager));

	const kit = [...layers.map(({ settings }) => settings.kit ?? {}), options.kit ?? {}].reduce(merge, {});
	const compilerOptions = [...layers.map(({ settings }) => settings.compilerOptions), options.compilerOptions]
		.filter((each) => each !== undefined)
		.reduce(merge, {});

	const optionsIn = options.optionsIn ?? (combination.isCreated ? 'vite.config.ts' : 'svelte.config.js');
	const isCreated = combination.generation === 2 && optionsIn === 'vite.config.ts';
	const { 'vite.config.ts': viteConfig, ...created } = isCreated ? await createdFiles() : {};
	const files: Files = Object.assign(
		created,
		await readApp(app),
		...layers.map((layer) => layer.files),
		configFiles(combination, { ...options, adapter, kit, compilerOptions }, viteConfig && String(viteConfig)),
		{ 'package.json': JSON.stringify(packageJson, null, '\t') }
	);
	for (const [path, text] of Object.entries(options.files ?? {})) {
		if (text === null) delete files[path];
		else files[path] = text;
	}
	return { files, packageJson };
}

async function writeFiles(dir: string, files: Files): Promise<void> {
	for (const [path, content] of Object.entries(files)) {
		await mkdir(dirname(join(dir, path)), { recursive: true });
		await writeFile(join(dir, path), content);
	}
}
