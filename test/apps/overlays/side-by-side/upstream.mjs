/*
 * Upstream's SDK as its documentation has it set up, preloaded by `--import`. Its loader for ES modules is optional.
 * It needs an include list: without one, it wraps the modules of the app, too, and SvelteKit 3 fails.
 */
import { register } from 'node:module';
import { NodeSDK } from '@opentelemetry/sdk-node';

const { INSTRUMENTATIONS, INCLUDE } = process.env;
if (INCLUDE) register('import-in-the-middle/hook.mjs', import.meta.url, { data: { include: JSON.parse(INCLUDE) } });

const isInstrumentation = (value) => typeof value === 'function' && value.prototype?.enable && value.prototype.init;
const loaded = await Promise.all(JSON.parse(INSTRUMENTATIONS).map((name) => import(name)));
const classes = new Set(loaded.flatMap((exports) => Object.values(exports)).filter(isInstrumentation));
const sdk = new NodeSDK({ instrumentations: [...classes].map((Class) => new Class()) });
sdk.start();
process.on('sveltekit:shutdown', () => sdk.shutdown());
