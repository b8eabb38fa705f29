/* `build/index.js`: starts telemetry first, then adapter-node's server, which is unchanged. */
import type { Entry } from '../types/runtime.ts';

const holder = globalThis as { [key: symbol]: Entry };
holder[Symbol.for('adapter-node-otel: entry')] ??= 'index.js';
const { traceServer } = await import('./otel/register.js');

const entry = await import('./adapter-node-index.js');
traceServer(entry.server);

export const { path, host, port, server } = entry;
