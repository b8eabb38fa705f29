import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Defaults } from '../../files/types/build-manifest.d.ts';
import type { DevProject, DevRuntime, Middleware } from '../../files/types/dev.d.ts';
import type { Libraries } from '../instrumentation/libraries.ts';
import { createBuildManifest } from '../project/build-manifest.ts';
import { pleaseReport } from '../project/project.ts';
import { readEnvFiles } from './env-files.ts';
import { isOwnRequest } from './own-request.ts';
import { rememberRemotes, remotes } from './remotes.ts';
import { loadRuntime, loadedRuntime } from './runtime.ts';
import type { ServerFacts } from './server-facts.ts';
import { isDisabled, skipModule } from './skip-file.ts';

/** What the adapter provides. */
export interface AdapterFacts {
	envPrefix: string;
	defaults: Defaults;
	/** Finds the instrumentations and their libraries. */
	find(): Promise<Libraries>;
}

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
		rememberRemotes();
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
		try {
			const runtime = this.#runtime ?? (await this.#load());
			await runtime.servePage(rest ?? '', req, res);
			await this.#initKit();
		} catch (error) {
			// a rejection would end the process
			process.stderr.write(
				`adapter-node-otel: the page of traces failed (${String(error)}). ${pleaseReport}\n`
			);
			if (!res.headersSent) res.statusCode = 500;
			res.end();
		}
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
		const { command, isBeforeKit } = this.#facts;
		if (command !== 'preview' || !isBeforeKit || this.#isInitialized) return;
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
		const { root, outDir, base, appDir, routes } = this.#facts;
		const { envPrefix, defaults, find } = this.#adapter;
		const { instrumentations } = await find();
		const buildManifest = createBuildManifest(
			{ envPrefix, base, appDir, routes, defaults, instrumentations },
			root
		);
		const runtime = await loadRuntime(outDir, buildManifest);
		this.#runtime = runtime;
		await runtime.begin({
			buildManifest,
			instrumentation: await this.#instrumentation(),
			notice: () => this.notice,
			remotes
		});
		return runtime;
	}

	/**
	 * In dev, SvelteKit runs the app's file with the first request. The built file in preview can be run
	 * now. SvelteKit runs it, too, after this on SvelteKit 3, and before it on SvelteKit 2.
	 */
	async #instrumentation(): Promise<DevProject['instrumentation']> {
		const { command, root, outDir, isBeforeKit, seesModules } = this.#facts;
		if (this.#exports) return this.#exports;
		if (command === 'dev') {
			// SvelteKit runs it, but its exports are not available
			if (!seesModules) return undefined;
			const exists = ['js', 'ts', 'mjs', 'mts'].some((extension) =>
				existsSync(path.join(root, `src/instrumentation.server.${extension}`))
			);
			return exists ? 'deferred' : undefined;
		}
		const built = path.join(outDir, 'output/server/instrumentation.server.js');
		if (!existsSync(built)) return undefined;
		const { href } = pathToFileURL(built);
		if (isDisabled() && isBeforeKit) {
			skipModule(href);
			return 'deferred';
		}
		return (await import(href)) as { default?: unknown };
	}
}
