import { NO_SPAN, requestOf } from '../http/request-context.ts';
import type { Tracing } from '../http/tracing.ts';
import { IS_SUB_REQUEST, ROOT } from '../sdk/kit-names.ts';
import type { RecordSpan } from '../types/runtime.ts';
import { settle } from './record-span.ts';

/**
 * SvelteKit's `record_span` without traces. It creates no spans, but the attributes of the root span have the
 * route, which metrics need.
 *
 * @param tracing provides the context manager
 */
export function createReadRoute({ contextManager }: Pick<Tracing, 'contextManager'>): RecordSpan {
	return ({ name, attributes, fn }) => {
		if (name === ROOT && !attributes[IS_SUB_REQUEST]) {
			const active = contextManager.active();
			const request = requestOf(active);
			// if SvelteKit's `respond` is not wrapped
			if (request?.awaitsKit) request.enterKit(active);
			if (request?.isInKit) request.startRoot(attributes, active);
		}
		return settle(fn, NO_SPAN);
	};
}
