import path from 'node:path';
import type { Builder } from '@sveltejs/kit';

/** The app's `instrumentation.server` file in the output, relative to it, with forward slashes. */
export interface Instrumentation {
	file: string;
	/** SvelteKit 3: the module that sets up `$env` and `$app/env`; runs before the file. */
	initializer?: string;
}

/**
 * Passes adapter-node a builder that only records what to instrument. SvelteKit would write a facade for
 * `index.js` only, which always loads the app's `instrumentation.server` file. Our facades load it
 * depending on the switch, and cover `handler.js` too.
 *
 * @param builder SvelteKit's builder
 * @param out adapter-node's output directory
 */
export function observeInstrumentation(
	builder: Builder,
	out: string
): { builder: Builder; readonly found: Instrumentation | undefined } {
	let found: Instrumentation | undefined;

	// adapter-node copies the server directory to `out/server`; other files are already in `out`
	const inOutput = (file: string): string => {
		const server = path.resolve(builder.getServerDirectory());
		const inServer = path.relative(server, path.resolve(file));
		return toPosix(inServer.startsWith('..') ? path.relative(out, file) : path.join('server', inServer));
	};

	const observing = Object.create(builder, {
		instrument: {
			value: ({ instrumentation, initializer }: Parameters<Builder['instrument']>[0]) => {
				found = {
					file: inOutput(instrumentation),
					...(initializer && { initializer: inOutput(initializer) })
				};
			}
		}
	}) as Builder;

	return {
		builder: observing,
		get found() {
			return found;
		}
	};
}

/** A path with forward slashes on every platform, as in import specifiers. */
export const toPosix = (file: string): string => file.replaceAll('\\', '/');
