/*
 * In front of SvelteKit's `runtime/server/respond.js`, through which every request goes that SvelteKit is
 * asked for, by the adapter and by the app itself.
 */
import * as kit from 'sveltekit:itself';
import { runtime } from './runtime.ts';

export * from 'sveltekit:itself';

const reach = runtime?.reach;

export const respond: typeof kit.respond = reach ? (...args) => reach(kit.respond, ...args) : kit.respond;
