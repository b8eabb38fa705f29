/* Bundled when the package is built: see `es-module-lexer.ts`. */
export { type AstTypes, Walker, color, parse, resolveCommandArray, transforms } from '@sveltejs/sv-utils';
