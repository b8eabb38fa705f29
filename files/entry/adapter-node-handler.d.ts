/** Adapter-node's `handler.js`, under the name that it is moved to. */
export const handler: import('../types/runtime.ts').Handler;
