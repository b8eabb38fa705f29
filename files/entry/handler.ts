/* `build/handler.js`: telemetry first, then adapter-node's handler, for a server of your own. */
import { traceHandler } from './otel/register.js';

const entry = await import('./adapter-node-handler.js');

export const handler = traceHandler(entry.handler);
