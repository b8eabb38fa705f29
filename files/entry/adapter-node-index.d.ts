/** Adapter-node's `index.js`, under the name that it is moved to. */
export const path: string | false;
export const host: string;
export const port: string | false;
export const server: import('node:http').Server | { server: import('node:http').Server };
