/** Adapter-node's `index.js`, under its new name after the build has moved it. */
export const path: string | false;
export const host: string;
export const port: string | false;
export const server: import('node:http').Server | { server: import('node:http').Server };
