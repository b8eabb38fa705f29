/* Bundled when the package is built: see `es-module-lexer.ts`. */
export { satisfies } from 'semver';
