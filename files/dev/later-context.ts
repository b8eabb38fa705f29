import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';

/**
 * The context of a request that arrives before telemetry can start: SvelteKit runs the app's
 * `instrumentation.server` file, which can configure telemetry, with the first request. Code that runs in
 * this context uses the request's own context as soon as there is one.
 */
export class LaterContext implements Context {
	#actual: Context = ROOT_CONTEXT;

	/** Sets the context to use from now on. */
	become(actual: Context): void {
		this.#actual = actual;
	}

	getValue(key: symbol): unknown {
		return this.#actual.getValue(key);
	}

	setValue(key: symbol, value: unknown): Context {
		return this.#actual.setValue(key, value);
	}

	deleteValue(key: symbol): Context {
		return this.#actual.deleteValue(key);
	}
}
