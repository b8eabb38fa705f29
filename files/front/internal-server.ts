/*
 * In front of `@sveltejs/kit/internal/server` where SvelteKit is not bundled, so that `telemetry.ts` cannot
 * be. What SvelteKit's package imports of itself stays its own: `sequence` asks the API for a tracer.
 */
import * as kit from 'sveltekit:itself';
import { recordSpan } from './record-span.ts';

export * from 'sveltekit:itself';

export const record_span = recordSpan ?? kit.record_span;

/** As in `telemetry.ts`, for those who see it here. */
export let otel: unknown = null;

export function init_tracing(api: Promise<unknown>): void {
	kit.init_tracing(api);
	if (!recordSpan) otel = kit.otel;
}
