/*
 * Wraps SvelteKit's `exports/internal/server/telemetry.js`: its spans are created by the adapter. If
 * telemetry is off or another SDK is set up, SvelteKit's own code is used.
 *
 * In the first case, SvelteKit's `otel` stays `null`, so that SvelteKit does not extract the caller's context
 * from the headers of each request: `respond.ts` does.
 */
import * as kit from 'sveltekit:itself';
import { recordSpan } from './record-span.ts';

export * from 'sveltekit:itself';

export const record_span = recordSpan ?? kit.record_span;

export const init_tracing = recordSpan ? (): void => {} : kit.init_tracing;
