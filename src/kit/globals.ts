/** The description of the key under which a process has its runtime: the same as in `files/entry/runtime-key.ts`. */
export const RUNTIME_KEY = 'adapter-node-otel';

/** Code that reads the runtime. It is undefined if neither `build/otel/register.js` nor a dev server has run. */
export const RUNTIME: string = `globalThis[Symbol.for(${JSON.stringify(RUNTIME_KEY)})]`;

/** SvelteKit's switch for tracing: a build-time constant. */
export const TRACING_FLAG = '__SVELTEKIT_SERVER_TRACING_ENABLED__';
