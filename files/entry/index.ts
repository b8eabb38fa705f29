/* `build/index.js`: telemetry first, then adapter-node's server, unchanged. */
import { traceServer } from './otel/register.js';

const entry = await import('./adapter-node-index.js');
traceServer(entry.server);

export const { path, host, port, server } = entry;
