import { type Context, diag } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { describeError } from '../diagnostics/log.ts';

/**
 * Combines all span processors, and catches their exceptions: otherwise an exception would reach the app where it
 * starts or ends a span, and fail the request.
 */
export class SafeProcessors implements SpanProcessor {
	readonly #processors: readonly SpanProcessor[];

	constructor(processors: readonly SpanProcessor[]) {
		this.#processors = processors;
	}

	onStart(span: Span, context: Context): void {
		for (const processor of this.#processors) {
			try {
				processor.onStart(span, context);
			} catch (error) {
				logFailure('start', error);
			}
		}
	}

	onEnding(span: Span): void {
		for (const processor of this.#processors) {
			try {
				processor.onEnding?.(span);
			} catch (error) {
				logFailure('end', error);
			}
		}
	}

	onEnd(span: ReadableSpan): void {
		for (const processor of this.#processors) {
			try {
				processor.onEnd(span);
			} catch (error) {
				logFailure('end', error);
			}
		}
	}

	async forceFlush(): Promise<void> {
		await Promise.allSettled(this.#processors.map((processor) => processor.forceFlush()));
	}

	async shutdown(): Promise<void> {
		await Promise.allSettled(this.#processors.map((processor) => processor.shutdown()));
	}
}

function logFailure(when: 'start' | 'end', error: unknown): void {
	diag.error(`the ${when} of a span could not be processed (${describeError(error)}): it may be missing`);
}
