/*
 * The SDK's simple span processor counts its spans with a meter, which is never set here. `rollup.config.js` replaces
 * that code with this file.
 */

/** Mirrors `SpanProcessorMetrics` of `@opentelemetry/sdk-trace`. */
export class SpanProcessorMetrics {
	dropSpans(): void {}
	finishSpans(): void {}
	shutdown(): void {}
}
