import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Defaults } from '../../files/types/build-manifest.d.ts';
import type { DevProject, DevRuntime, Middleware } from '../../files/types/dev.d.ts';
import type { Libraries } from '../instrumentation/libraries.ts';
import { createBuildManifest } from '../project/build-manifest.ts';
import { readEnvFiles } from './env-files.ts';
import { isOwnRequest } from './own-request.ts';
import { loadRuntime, loadedRuntime } from './runtime.ts';

/** What the adapter provides. */
export interface AdapterFacts {
	envPrefix: string;
	defaults: Defaults;
	/** Finds the instrumentations and their libraries. */
	find(): Promise<Libraries>;
}

/** What is known about a Vite dev or preview server. */
export interface ServerFacts {
	command: 'dev' | 'preview';
	/** The directory of the app. */
	root: string;
	/** The directory of SvelteKit's generated files. */
	outDir: string;
	/** Host names that the server accepts, in addition to IP addresses and `localhost`; true for any. */
	allowedHosts: readonly string[] | true;
	/** SvelteKit's `paths.base` and `appDir`. */
	base: string;
	appDir: string;
	/** Vite's mode, which selects `.env` files. */
	mode: string;
	/** The directory of the `.env` files; false for none. */
	envDir: string | false;
}

/** The default directory of routes. SvelteKit does not pass a configured one to an adapter here. */
const ROUTES = 'src/routes';

/** One dev or preview server. Each restart of Vite makes a new one. */
export class DevServer {
	readonly #adapter: AdapterFacts;
	readonly #facts: ServerFacts;
	#runtime: DevRuntime | undefined;
	#exports: { default?: unknown } | undefined;
	#isInitialized = false;
	/** Why requests cannot be traced with this project's configuration. */
	notice: string | undefined;

	constructor(adapter: AdapterFacts, facts: ServerFacts) {
		this.#adapter = adapter;
		this.#facts = facts;
	}

	/**
	 * Runs before the server listens. Starts telemetry if it is enabled. Loads nothing if nothing is
	 * configured.
	 */
	async begin(): Promise<void> {
		await readEnvFiles(this.#facts.mode, this.#facts.envDir);
		const isAsked = Object.keys(process.env).some((name) => name.startsWith('OTEL_'));
		// telemetry that was started before a restart must be stopped
		if (isAsked || loadedRuntime()) await this.#load();
	}

	/** Runs before SvelteKit's handler. */
	readonly trace: Middleware = (req, res, next) =>
		this.#runtime ? this.#runtime.trace(req, res, next) : next();

	/** Serves the page of traces, with or without the base path. Opening the page turns tracing on. */
	readonly servePage: Middleware = async (req, res, next) => {
		const [, before, rest] = /^(.*)\/__otel(\/[\w/-]*)?(?:\?.*)?$/.exec(req.url ?? '') ?? [];
		if (before === undefined || !['', this.#facts.base].includes(before)) return next();
		if (!isOwnRequest(req, this.#facts.allowedHosts)) {
			res.writeHead(403).end();
			return;
		}
		const runtime = this.#runtime ?? (await this.#load());
		await runtime.servePage(rest ?? '', req, res);
		await this.#initKit();
	};

	/** Measures work that a request waits for. */
	measure<T>(name: string, attributes: Record<string, string>, run: () => Promise<T>): Promise<T> {
		return this.#runtime ? this.#runtime.measure(name, attributes, run) : run();
	}

	/** Called after SvelteKit has run the app's `instrumentation.server` file. */
	instrument(exports: { default?: unknown }): Promise<void> | undefined {
		this.#exports = exports;
		return this.#runtime?.instrument(exports);
	}

	/** In preview, SvelteKit 3 reads its switch for tracing at startup. This makes it read the switch again. */
	async #initKit(): Promise<void> {
		if (this.#facts.command !== 'preview' || this.#isInitialized) return;
		this.#isInitialized = true;
		const file = path.join(this.#facts.outDir, 'output/server/index.js');
		const { configure } = (await import(pathToFileURL(file).href)) as {
			configure?(options: object): Promise<{ init(): Promise<void> }>;
		};
		await (await configure?.({}))?.init();
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
			notice: () => this.notice
		});
		return runtime;
	}

	/**
	 * In dev, SvelteKit runs the app's file with the first request. The built file in preview can be run
	 * now.
	 */
	async #instrumentation(): Promise<DevProject['instrumentation']> {
		const { command, root, outDir } = this.#facts;
		if (this.#exports) return this.#exports;
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
