import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Defaults } from '../../files/types/build-manifest.d.ts';
import type { DevProject, DevRuntime, Middleware } from '../../files/types/dev.d.ts';
import type { Libraries } from '../instrumentation/libraries.ts';
import { createBuildManifest } from '../project/build-manifest.ts';
import { readEnvFiles } from './env-files.ts';
import { loadRuntime, loadedRuntime } from './runtime.ts';

/** What the adapter knows. */
export interface AdapterFacts {
	envPrefix: string;
	defaults: Defaults;
	/** Finds what libraries are instrumented with. */
	find(): Promise<Libraries>;
}

/** What is known of a dev or preview server of Vite's. */
export interface ServerFacts {
	command: 'dev' | 'preview';
	/** The directory of the app. */
	root: string;
	/** Where SvelteKit puts what it generates. */
	outDir: string;
	/** SvelteKit's `paths.base` and `appDir`. */
	base: string;
	appDir: string;
	/** Vite's, which names some of the `.env` files. */
	mode: string;
	/** Where they are; false for nowhere. */
	envDir: string | false;
}

/** Where an app has its routes, unless it says otherwise, which nobody tells an adapter here. */
const ROUTES = 'src/routes';

/** One dev or preview server; there is another after each restart of Vite. */
export class DevServer {
	readonly #adapter: AdapterFacts;
	readonly #facts: ServerFacts;
	#runtime: DevRuntime | undefined;

	constructor(adapter: AdapterFacts, facts: ServerFacts) {
		this.#adapter = adapter;
		this.#facts = facts;
	}

	/** Before the server listens: starts telemetry, if it is wanted. Loads nothing where nothing is set. */
	async begin(): Promise<void> {
		await readEnvFiles(this.#facts.mode, this.#facts.envDir);
		const isAsked = Object.keys(process.env).some((name) => name.startsWith('OTEL_'));
		// what ran before a restart has to be told that it shall not
		if (isAsked || loadedRuntime()) await this.#load();
	}

	/** In front of SvelteKit's handler. */
	readonly trace: Middleware = (req, res, next) =>
		this.#runtime ? this.#runtime.trace(req, res, next) : next();

	/** Runs what a request waits for. */
	measure<T>(name: string, attributes: Record<string, string>, run: () => Promise<T>): Promise<T> {
		return this.#runtime ? this.#runtime.measure(name, attributes, run) : run();
	}

	/** SvelteKit has run the app's `instrumentation.server` file. */
	instrument(exports: { default?: unknown }): Promise<void> | undefined {
		return this.#runtime?.instrument(exports);
	}

	get facts(): ServerFacts {
		return this.#facts;
	}

	async #load(): Promise<DevRuntime> {
		const { root, outDir, base, appDir } = this.#facts;
		const { envPrefix, defaults, find } = this.#adapter;
		const { instrumentations } = await find();
		const buildManifest = createBuildManifest(
			{ envPrefix, base, appDir, routes: ROUTES, defaults, instrumentations },
			root
		);
		const runtime = await loadRuntime(outDir, buildManifest);
		this.#runtime = runtime;
		await runtime.begin({
			buildManifest,
			instrumentation: await this.#instrumentation(),
			notice: undefined
		});
		return runtime;
	}

	/** In dev SvelteKit runs the app's file with the first request; what is built can be run now. */
	async #instrumentation(): Promise<DevProject['instrumentation']> {
		const { command, root, outDir } = this.#facts;
		if (command === 'dev') {
			const exists = ['js', 'ts', 'mjs', 'mts'].some((extension) =>
				existsSync(path.join(root, `src/instrumentation.server.${extension}`))
			);
			return exists ? 'deferred' : undefined;
		}
		const built = path.join(outDir, 'output/server/instrumentation.server.js');
		return existsSync(built)
			? ((await import(pathToFileURL(built).href)) as { default?: unknown })
			: undefined;
	}
}
