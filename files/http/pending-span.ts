import type { Span } from '@opentelemetry/api';
import type { TracedRequest } from './traced-request.ts';

/**
 * Stands for the SERVER span of a request while SvelteKit has not opened its root span: in `reroute`, and
 * in what follows the root. Whoever asks it for anything, to be a parent say, makes the SERVER span start.
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
