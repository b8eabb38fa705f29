/*
 * Wraps `@sveltejs/kit/internal/server` if SvelteKit is not bundled, where `telemetry.ts` cannot be used.
 * Imports within SvelteKit's package are not replaced: `sequence` gets its tracer from the API.
 */
import * as kit from 'sveltekit:itself';
import { noteFunctions } from './note-functions.ts';
import { recordSpan } from './record-span.ts';

export * from 'sveltekit:itself';

export const record_span = recordSpan ?? kit.record_span;

export const init_remote_functions: typeof kit.init_remote_functions = (module, ...args) => {
	kit.init_remote_functions(module, ...args);
	noteFunctions(module);
};

/** As in `telemetry.ts`, for code that imports it from here. */
export let otel: unknown = null;

export function init_tracing(api: Promise<unknown>): void {
	kit.init_tracing(api);
	if (!recordSpan) otel = kit.otel;
}
