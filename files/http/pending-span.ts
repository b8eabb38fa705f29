import type { Span } from '@opentelemetry/api';
import type { TracedRequest } from './traced-request.ts';

/**
 * A placeholder for the SERVER span of a request before SvelteKit starts its root span (in `reroute`) and
 * after the root span. Any use of it, for example as a parent, starts the SERVER span.
 */
export class PendingSpan implements Span {
	readonly #request: TracedRequest;

	constructor(request: TracedRequest) {
		this.#request = request;
	}

	spanContext(): ReturnType<Span['spanContext']> {
		return this.#request.span.spanContext();
	}

	isRecording(): boolean {
		return this.#request.span.isRecording();
	}

	setAttribute(...args: Parameters<Span['setAttribute']>): this {
		this.#request.span.setAttribute(...args);
		return this;
	}

	setAttributes(...args: Parameters<Span['setAttributes']>): this {
		this.#request.span.setAttributes(...args);
		return this;
	}

	addEvent(...args: Parameters<Span['addEvent']>): this {
		this.#request.span.addEvent(...args);
		return this;
	}

	addLink(...args: Parameters<Span['addLink']>): this {
		this.#request.span.addLink(...args);
		return this;
	}

	addLinks(...args: Parameters<Span['addLinks']>): this {
		this.#request.span.addLinks(...args);
		return this;
	}

	setStatus(...args: Parameters<Span['setStatus']>): this {
		this.#request.span.setStatus(...args);
		return this;
	}

	updateName(name: string): this {
		this.#request.span.updateName(name);
		return this;
	}

	recordException(...args: Parameters<Span['recordException']>): void {
		this.#request.span.recordException(...args);
	}

	/** The SERVER span ends with the response. */
	end(): void {}
}
