/*
 * Like all files in this folder, bundled when the package is built (`rollup.config.js`). The package has
 * no dependencies: `sv add` requires this, and it avoids version conflicts.
 */
export { init, parse } from 'es-module-lexer';
