/** Adapter-node's `handler.js`, under its new name after the build has moved it. */
export const handler: import('../types/runtime.ts').Handler;
