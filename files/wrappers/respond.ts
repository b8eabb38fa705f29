/*
 * Wraps SvelteKit's `runtime/server/respond.js`, which handles every request that SvelteKit gets, from
 * the adapter and from the app itself.
 *
 * `otel` is not `null` if `telemetry.ts` is not in the server: SvelteKit then extracts the caller's context itself.
 */
import { otel } from 'sveltekit:internal-server';
import * as kit from 'sveltekit:itself';
import { currentRuntime } from './runtime.ts';

export * from 'sveltekit:itself';

const wrap = currentRuntime()?.respond;

export const respond: typeof kit.respond = wrap
	? (...args) => (otel === null ? wrap(kit.respond, ...args) : kit.respond(...args))
	: kit.respond;
