/* In `dist` this file contains the types of the run-time code: see `rollup.config.js`. */
export * from '../files/types/telemetry-options.d.ts';
