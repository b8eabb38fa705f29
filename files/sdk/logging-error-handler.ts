/*
 * The SDK logs errors as JSON until it has another handler, which `setDiagnostics` sets before there are any.
 * `rollup.config.js` replaces that code with this file.
 */

/** Mirrors `loggingErrorHandler` of `@opentelemetry/core`. */
export const loggingErrorHandler = (): (() => void) => () => {};
