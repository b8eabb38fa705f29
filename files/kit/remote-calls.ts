import { type Span, trace } from '@opentelemetry/api';
import type { Span as SdkSpan } from '@opentelemetry/sdk-trace';
import type { Tracing } from '../http/tracing.ts';
import type { RemoteInternals, RemoteState, Runtime } from '../types/runtime.ts';
import { KIT_ERRORS } from './kit-errors.ts';
import type { KitTracer } from './kit-tracer.ts';
import { createRecordSpan } from './record-span.ts';
import { CALL, CALL_ID, CALL_NAME, CALL_TYPE } from './remote-spans.ts';

/**
 * Calls SvelteKit's function for a query that the server itself calls, with a span around each run of the query.
 * SvelteKit has a span for it only if the browser calls the query.
 *
 * @param tracing provides the context manager
 * @param tracer starts the spans
 */
export function createCallRemote(
	tracing: Pick<Tracing, 'contextManager'>,
	tracer: KitTracer
): NonNullable<Runtime['callRemote']> {
	const recordSpan = createRecordSpan(tracing, tracer, KIT_ERRORS);
	return (getResponse, internals, payload, state, getResult) =>
		getResponse(internals, payload, state, () => {
			const active = trace.getSpan(tracing.contextManager.active());
			if (!internals.id || isMeasured(internals, state, active)) return getResult();
			const { id, name, type } = internals;
			const attributes = { [CALL_ID]: id, [CALL_NAME]: name, [CALL_TYPE]: type };
			return recordSpan({ name: CALL, attributes, fn: getResult });
		});
}

/** Whether the run of a query already has a span: that of the browser's call, or of the batch that it joins. */
function isMeasured(
	internals: RemoteInternals,
	{ is_in_remote_query: isNested, remote }: RemoteState,
	active: (Span & Partial<Pick<SdkSpan, 'attributes'>>) | undefined
): boolean {
	const { id, type } = internals;
	const batches = type === 'query_batch' ? remote?.batches : undefined;
	if (batches?.has(internals) || batches?.has(id)) return true;
	return !isNested && `${String(active?.attributes?.[CALL_ID])}/`.startsWith(`${id}/`);
}
