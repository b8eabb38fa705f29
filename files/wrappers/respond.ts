/*
 * Wraps SvelteKit's `runtime/server/respond.js`, which handles every request that SvelteKit gets, from
 * the adapter and from the app itself.
 */
import * as kit from 'sveltekit:itself';
import { currentRuntime } from './runtime.ts';

export * from 'sveltekit:itself';

const wrap = currentRuntime()?.respond;

export const respond: typeof kit.respond = wrap ? (...args) => wrap(kit.respond, ...args) : kit.respond;
