import { type DiagLogger, type Meter, type Tracer, createNoopMeter, diag, trace } from '@opentelemetry/api';

/*
 * The part of `@opentelemetry/instrumentation` that an instrumentation needs which listens to diagnostics
 * channels and hooks no module: the whole package brings both import hooks along. `rollup.config.js` puts
 * this in its place for the one that is bundled.
 */

/** Mirrors `InstrumentationBase`. */
export abstract class InstrumentationBase<Config extends { enabled?: boolean } = { enabled?: boolean }> {
	readonly instrumentationName: string;
	readonly instrumentationVersion: string;
	protected readonly _diag: DiagLogger;
	protected readonly tracer: Tracer;
	protected readonly meter: Meter;
	readonly #config: Config;

	constructor(name: string, version: string, config: Config) {
		this.instrumentationName = name;
		this.instrumentationVersion = version;
		this.#config = { enabled: true, ...config };
		this._diag = diag.createComponentLogger({ namespace: name });
		this.tracer = trace.getTracer(name, version);
		// what it would measure is measured in `files/metrics/fetch-measures.ts`, unread bodies included
		this.meter = createNoopMeter();
		this._updateMetricInstruments();
		if (this.#config.enabled) this.enable();
	}

	getConfig(): Config {
		return this.#config;
	}

	enable(): void {}

	disable(): void {}

	protected _updateMetricInstruments(): void {}
}

/** Mirrors `safeExecuteInTheMiddle`: a hook that throws is reported, and does not throw further if asked so. */
export function safeExecuteInTheMiddle<T>(
	execute: () => T,
	onFinish: (error: Error | undefined, result: T | undefined) => void,
	preventThrowing?: boolean
): T | undefined {
	let error: Error | undefined;
	let result: T | undefined;
	try {
		result = execute();
	} catch (thrown) {
		error = thrown as Error;
	}
	onFinish(error, result);
	if (error && !preventThrowing) throw error;
	return result;
}
