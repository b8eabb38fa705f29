/**
 * The key of the runtime in this process, so that SvelteKit's modules and a second copy of `register.js` find it. The
 * build writes code that reads it: `src/kit/globals.ts` has the same description.
 */
export const RUNTIME: unique symbol = Symbol.for('adapter-node-otel');
