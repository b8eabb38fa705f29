import { type Context, ROOT_CONTEXT } from '@opentelemetry/api';

/**
 * The context of a request that comes before telemetry can start: SvelteKit runs the app's
 * `instrumentation.server` file, which has a word in it, with the first request. What is called in this
 * context finds the request's own as soon as there is one.
 */
export class LaterContext implements Context {
	#actual: Context = ROOT_CONTEXT;

	/** From here on it is this one. */
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
