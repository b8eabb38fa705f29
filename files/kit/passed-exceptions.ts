import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { ATTR_EXCEPTION_MESSAGE, ATTR_EXCEPTION_STACKTRACE } from '@opentelemetry/semantic-conventions';
import { KIT } from './names.ts';

/** What `recordException` calls its event. */
const EXCEPTION = 'exception';

/**
 * The exceptions of one request. An error that passes through nested spans is recorded by each of
 * SvelteKit's; it is kept on the innermost, which ends first.
 */
export class PassedExceptions {
	/** What the children of a span have recorded, by the span's id. */
	#passed: Map<string, Set<unknown>> | undefined;
	/** All that have been recorded. */
	readonly #recorded = new Set<unknown>();

	/**
	 * An error is about to be recorded.
	 *
	 * @returns whether none of the request's spans has it
	 */
	add(error: unknown): boolean {
		const { stack, message, body } = (error ?? {}) as {
			stack?: string;
			message?: string;
			body?: { message?: string };
		};
		// SvelteKit records its own without their stack
		const keys = [stack, body?.message ?? (stack === undefined ? message : undefined)].filter(
			(key) => key !== undefined
		);
		const isNew = !keys.some((key) => this.#recorded.has(key));
		for (const key of keys) this.#recorded.add(key);
		return isNew;
	}

	/** Removes from one of SvelteKit's spans what a span below it has recorded already. */
	keepOnce(span: ReadableSpan): void {
		const { events, instrumentationScope, parentSpanContext } = span;
		if (events.length === 0) return;

		const below = this.#passed?.get(span.spanContext().spanId);
		for (let index = events.length - 1; index >= 0; index--) {
			const { name, attributes } = events[index]!;
			if (name !== EXCEPTION) continue;
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
