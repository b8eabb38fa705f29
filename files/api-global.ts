/**
 * Whether somebody has registered a tracer provider. `@opentelemetry/api` keeps what is registered under
 * one global symbol for its major version, and has no question of its own for this.
 */
export function hasTracerProvider(): boolean {
	const key = Symbol.for('opentelemetry.js.api.1');
	return (globalThis as { [key: symbol]: { trace?: unknown } | undefined })[key]?.trace !== undefined;
}
