/* Wraps SvelteKit's `runtime/server/page/render.js`, which renders pages, including error pages. */
import * as kit from 'sveltekit:itself';
import { currentRuntime } from './runtime.ts';

export * from 'sveltekit:itself';

export const render_response: typeof kit.render_response = (options) => {
	const render = currentRuntime()?.render;
	return render ? render(kit.render_response, options) : kit.render_response(options);
};
