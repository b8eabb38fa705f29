import { KIT_ERRORS } from './kit-errors.ts';
import type { KitTracer } from './kit-tracer.ts';
import { createRecordSpan } from './record-span.ts';
import type { Tracing } from '../http/tracing.ts';
import type { Runtime } from '../types/runtime.ts';

/** The span for rendering a page, below `sveltekit.resolve`. SvelteKit has no span for it. */
const RENDER = 'sveltekit.render';

/**
 * Calls SvelteKit's function that renders pages with a span around it.
 *
 * @param tracing provides the context manager
 * @param tracer starts them
 */
export function createRender(
	tracing: Pick<Tracing, 'contextManager'>,
	tracer: KitTracer
): NonNullable<Runtime['render']> {
	const recordSpan = createRecordSpan(tracing, tracer, KIT_ERRORS);
	return (render, options) => {
		// only the shell is rendered here, the browser renders the page
		if (options.page_config?.ssr === false) return render(options);
		return recordSpan({ name: RENDER, attributes: {}, fn: () => render(options) });
	};
}
