/*
 * The run-time code in Vite's dev and preview servers. `src/dev` imports it when telemetry is enabled.
 * OpenTelemetry's code is not loaded before that.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PLEASE_REPORT, describeError, log } from '../diagnostics/log.ts';
import { NO_EXPORTER, decide } from '../entry/switch.ts';
import type { DevProject, DevRuntime, Middleware } from '../types/dev.d.ts';
import type { DevTelemetry } from './dev-telemetry.ts';
import { describeSampling } from './sampling-notice.ts';
import type { OlderApi } from './older-api.ts';
import type { Page } from './page.ts';
import type { TraceStore } from './trace-store.ts';

const TRACES_EXPORTER = 'OTEL_TRACES_EXPORTER';

/**
 * Creates the instance of this process.
 *
 * @param olderApi the app's copy of the API, if it is too old for this code
 */
export function createDevRuntime(olderApi?: OlderApi): DevRuntime {
	return new Dev(olderApi);
}

class Dev implements DevRuntime {
	readonly #olderApi: OlderApi | undefined;
	#project: DevProject | undefined;
	#exports: { default?: unknown } | undefined;
	#telemetry: DevTelemetry | undefined;
	#store: Promise<{ store: TraceStore; page: Page }> | undefined;
	#isPageOpened = false;
	/** The settings of the last decision; the same settings again change nothing. */
	#basis: string | undefined;
	#last: Promise<void> = Promise.resolve();

	constructor(olderApi: OlderApi | undefined) {
		this.#olderApi = olderApi;
	}

	async begin(project: DevProject): Promise<void> {
		this.#project = project;
		if (typeof project.instrumentation === 'object') this.#exports = project.instrumentation;
		await this.#decide();
	}

	async instrument(exports: { default?: unknown }): Promise<void> {
		const isOther = this.#exports?.default !== exports.default;
		const isFirst = this.#exports === undefined;
		this.#exports = exports;
		// the first request waits for it; later ones must not be cut by a restart
		if (isFirst) await this.#decide({ anew: true });
		else if (isOther) void this.#telemetry?.whenIdle().then(() => this.#decide({ anew: true }));
	}

	trace: Middleware = (req, res, next) => (this.#telemetry ? this.#telemetry.trace(req, res, next) : next());

	async servePage(rest: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
		if (!this.#isPageOpened) {
			this.#isPageOpened = true;
			await this.#decide({ anew: !this.#telemetry?.isTracing });
		}
		const { page } = await this.#keep();
		page.serve(rest, req, res);
	}

	/** Keeps the latest traces for the page. */
	#keep(): Promise<{ store: TraceStore; page: Page }> {
		return (this.#store ??= Promise.all([import('./trace-store.ts'), import('./page.ts')]).then(
			([{ TraceStore }, { Page }]) => {
				const store = new TraceStore();
				return { store, page: new Page(store, () => this.#notice()) };
			}
		));
	}

	/** Why the page shows no traces, or not all, if so. */
	#notice(): string | undefined {
		const { on, instrument, message } = decide(withTraces(process.env));
		if (!instrument) return 'OTEL_SDK_DISABLED=true: nothing is traced. Unset it to see traces here.';
		if (!on) return message;
		if (this.#telemetry?.hasStoodDown)
			return 'The app has registered an OpenTelemetry SDK of its own: it traces this process, and the page gets no traces.';
		if (this.#telemetry?.isWithoutTraces)
			return 'OTEL_CONFIG_FILE turns traces off: the page gets none. Turn them on in its file, or unset it, and start Vite again.';
		const sampling = this.#telemetry?.sampling;
		return this.#project?.notice() ?? (sampling && describeSampling(sampling, process.env));
	}

	measure<T>(name: string, attributes: Record<string, string>, run: () => Promise<T>): Promise<T> {
		return this.#telemetry ? this.#telemetry.measure(name, attributes, run) : run();
	}

	/** Runs the calls one after the other and catches errors: the server continues without telemetry. */
	#decide({ anew = false } = {}): Promise<void> {
		return (this.#last = this.#last
			.then(() => this.#apply(anew))
			.then(async () => (await this.#store)?.page.refresh())
			.catch((error: unknown) =>
				log(
					'error',
					`telemetry could not start (${describeError(error)}); the server runs without it. This is a bug in adapter-node-otel, ${PLEASE_REPORT}`
				)
			));
	}

	async #apply(anew: boolean): Promise<void> {
		const { buildManifest, instrumentation, remotes } = this.#project!;
		const basis = JSON.stringify([buildManifest, otelVariables(process.env)]);
		if (!anew && basis === this.#basis) return;
		const isSaid = basis === this.#basis;
		this.#basis = basis;

		const { on, message } = decide(process.env, instrumentation === 'deferred');
		if (message && !isSaid) log(on ? 'warn' : 'info', message);
		const isForPageAlone = this.#isPageOpened && (!on || hasNoTraces(process.env));
		const environment = isForPageAlone ? withTraces(process.env) : process.env;
		if (!on && !(isForPageAlone && decide(environment).on)) return this.#telemetry?.stop();

		if (!this.#telemetry) {
			const { DevTelemetry } = await import('./dev-telemetry.ts');
			const { store, page } = await this.#keep();
			this.#telemetry = new DevTelemetry(store, remotes, this.#olderApi, () => page.refresh());
		}
		// SvelteKit runs it with the first request, which waits for the code below
		if (instrumentation === 'deferred' && !this.#exports) return;
		await this.#telemetry.start({ buildManifest, environment, exports: this.#exports, isForPageAlone });
	}
}

/** The variables that configure telemetry. */
const otelVariables = (env: NodeJS.ProcessEnv): [string, string | undefined][] =>
	Object.entries(env)
		.filter(([name]) => name.startsWith('OTEL_'))
		.toSorted(([a], [b]) => (a < b ? -1 : 1));

/** Whether the variables turn traces off. With a configuration file, they do not count. */
const hasNoTraces = (env: NodeJS.ProcessEnv): boolean =>
	!env.OTEL_CONFIG_FILE?.trim() && NO_EXPORTER.test(`${TRACES_EXPORTER}=${env[TRACES_EXPORTER]}`);

/** The variables that turn tracing on for the page, unless telemetry is disabled. */
const withTraces = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({ ...env, [TRACES_EXPORTER]: 'otlp' });
