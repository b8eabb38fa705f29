/* `build/handler.js`: starts telemetry first, then exports adapter-node's handler, for custom servers. */
import type { Entry } from '../types/runtime.ts';

const holder = globalThis as { [key: symbol]: Entry };
holder[Symbol.for('adapter-node-otel: entry')] ??= 'handler.js';
const { traceHandler } = await import('./otel/register.js');

const entry = await import('./adapter-node-handler.js');

// in a bundle the handler may be set later
export const handler = traceHandler(entry.handler ?? ((req, res, next) => entry.handler(req, res, next)));
