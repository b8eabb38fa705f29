/*
 * Bundled when the package is built (`rollup.config.js`), as all of this folder: the package has no
 * dependencies, which `sv add` asks for, and what installs nothing else cannot clash with anything.
 */
export { init, parse } from 'es-module-lexer';
