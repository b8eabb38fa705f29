/* Bundled when the package is built: see `es-module-lexer.ts`. */
export { traceNodeModules } from 'nf3';
