/*
 * The shape of `src/instrumentation.server`'s default export is at home in files/, which obeys it. In the
 * package that very file lies here, for the package is `dist` alone: `npm run build` puts it there.
 */
export type * from '../files/types/server-instrumentation.d.ts';
