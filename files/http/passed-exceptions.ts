import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import {
	ATTR_EXCEPTION_MESSAGE,
	ATTR_EXCEPTION_STACKTRACE,
	EVENT_EXCEPTION
} from '@opentelemetry/semantic-conventions';
import { KIT } from '../sdk/kit-names.ts';

/**
 * The exceptions of one request. SvelteKit records an error on each nested span that it passes through. It is
 * kept only on the innermost span, which ends first.
 */
export class PassedExceptions {
	/** The exceptions that the children of a span have recorded, by the span's id. */
	#passed: Map<string, Set<unknown>> | undefined;
	/** All recorded exceptions. */
	readonly #recorded = new Set<unknown>();
	/** The errors themselves: SvelteKit 3 rewrites the stack of an error that it passes to the app. */
	readonly #errors = new WeakSet<object>();

	/**
	 * Called before an error is recorded.
	 *
	 * @returns whether no span of the request has recorded it yet
	 */
	add(error: unknown): boolean {
		const { stack, message, body } = (error ?? {}) as {
			stack?: string;
			message?: string;
			body?: { message?: string };
		};
		// SvelteKit records its own errors without the stack
		const keys = [stack, body?.message ?? (stack === undefined ? message : undefined)].filter(
			(key) => key !== undefined
		);
		const isObject = typeof error === 'object' && error !== null;
		const isKnown = (isObject && this.#errors.has(error)) || keys.some((key) => this.#recorded.has(key));
		if (isObject) this.#errors.add(error);
		for (const key of keys) this.#recorded.add(key);
		return !isKnown;
	}

	/** Removes exceptions from a SvelteKit span that a span below it has already recorded. */
	keepOnce(span: ReadableSpan): void {
		const { events, instrumentationScope, parentSpanContext } = span;
		if (events.length === 0) return;

		const below = this.#passed?.get(span.spanContext().spanId);
		for (let index = events.length - 1; index >= 0; index--) {
			const { name, attributes } = events[index]!;
			if (name !== EVENT_EXCEPTION) continue;
			const exception = attributes?.[ATTR_EXCEPTION_STACKTRACE] ?? attributes?.[ATTR_EXCEPTION_MESSAGE];
			this.#recorded.add(exception);
			if (instrumentationScope.name === KIT && below?.has(exception)) events.splice(index, 1);
			if (parentSpanContext) this.#pass(exception, parentSpanContext.spanId);
		}
	}

	#pass(exception: unknown, to: string): void {
		this.#passed ??= new Map();
		const passed = this.#passed.get(to);
		if (passed) passed.add(exception);
		else this.#passed.set(to, new Set([exception]));
	}
}
