import { type DiagLogger, type Meter, type Tracer, createNoopMeter, diag, trace } from '@opentelemetry/api';

/*
 * The part of `@opentelemetry/instrumentation` for an instrumentation that only subscribes to diagnostics
 * channels and patches no module. The full package includes both module hooks. `rollup.config.js` replaces
 * it with this file for the bundled instrumentation.
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
		// `files/metrics/fetch-measures.ts` measures instead, including requests with unread bodies
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

/** Mirrors `safeExecuteInTheMiddle`: an error of the hook is reported, and optionally not rethrown. */
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
