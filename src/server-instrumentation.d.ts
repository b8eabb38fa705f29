/*
 * The type of `src/instrumentation.server`'s default export is defined in `files/`. The published package
 * contains only `dist`, where `npm run build` puts that file here.
 */
export type * from '../files/types/server-instrumentation.d.ts';
