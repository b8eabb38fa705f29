/* In `dist` the types of the run-time half stand here: see `rollup.config.js`. */
export * from '../files/types/telemetry-options.d.ts';
