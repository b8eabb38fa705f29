/* `build/handler.js`: telemetry first, then adapter-node's handler, for a server of your own. */
import type { Entry } from '../types/runtime.ts';

const holder = globalThis as { [key: symbol]: Entry };
holder[Symbol.for('adapter-node-otel: entry')] ??= 'handler.js';
const { traceHandler } = await import('./otel/register.js');

const entry = await import('./adapter-node-handler.js');

// bundlers may have it later
export const handler = traceHandler(entry.handler ?? ((req, res, next) => entry.handler(req, res, next)));
