import path from 'node:path';
import type { Builder } from '@sveltejs/kit';

/** The app's `instrumentation.server` file in the output, relative to it, with forward slashes. */
export interface Instrumentation {
	file: string;
	/** SvelteKit 3: what sets up `$env` and `$app/env`; runs before the file. */
	initializer?: string;
}

/**
 * Shows adapter-node a builder that only takes down what is to be instrumented. SvelteKit would write a
 * facade that loads the app's `instrumentation.server` file unconditionally, in front of `index.js` alone;
 * ours load it as the switch wants it, in front of `handler.js` too.
 *
 * @param builder SvelteKit's
 * @param out where adapter-node writes to
 */
export function observeInstrumentation(
	builder: Builder,
	out: string
): { builder: Builder; readonly found: Instrumentation | undefined } {
	let found: Instrumentation | undefined;

	// adapter-node copies the server directory to `out/server`; what is elsewhere is in `out` already
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

/** A path as import specifiers have it, on every platform. */
export const toPosix = (file: string): string => file.replaceAll('\\', '/');
