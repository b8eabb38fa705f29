import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `register.js` is in the directory of this code's bundle. */
const REGISTER = fileURLToPath(new URL('register.js', import.meta.url));

/**
 * The path of `otel/register.js` in the output, for messages: from the working directory, as `node --import` takes it.
 *
 * @param cwd the working directory
 * @param register the absolute path of the file
 */
export function registerPath(cwd: string = process.cwd(), register: string = REGISTER): string {
	const path = relative(cwd, register).replaceAll('\\', '/');
	return path.startsWith('.') ? path : `./${path}`;
}
