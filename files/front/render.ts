/* In front of SvelteKit's `runtime/server/page/render.js`, which renders pages, including error pages. */
import * as kit from 'sveltekit:itself';
import { runtime } from './runtime.ts';

export * from 'sveltekit:itself';

const render = runtime?.render;

export const render_response: typeof kit.render_response = render
	? (options) => render(kit.render_response, options)
	: kit.render_response;
