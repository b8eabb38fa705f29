/*
 * In front of SvelteKit's `exports/internal/server/telemetry.js`: its spans are ours from the start. Where
 * telemetry is off or somebody else's, all is SvelteKit's own.
 *
 * SvelteKit's `otel` stays `null` with ours, so that it does not look for a caller in the headers of each
 * request: `respond.ts` does.
 */
import * as kit from 'sveltekit:itself';
import { recordSpan } from './record-span.ts';

export * from 'sveltekit:itself';

export const record_span = recordSpan ?? kit.record_span;

export const init_tracing = recordSpan ? (): void => {} : kit.init_tracing;
