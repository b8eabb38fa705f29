import type { Span as ApiSpan } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';
import type { RemoteFunctions } from '../http/remote-functions.ts';

/** SvelteKit's span for the call of a remote function, and its attributes. */
export const CALL = 'sveltekit.remote.call';
export const CALL_ID = `${CALL}.id`;
export const CALL_NAME = `${CALL}.name`;
export const CALL_TYPE = `${CALL}.type`;
const FORM_ID = 'sveltekit.remote.form.post.id';

/** SvelteKit's attribute for the kind of a remote function: `query`, `command`, `form` and so on. */
const KIND = 'sveltekit.remote.kind';

/** Whether a span is for a call of a remote function. */
export const isRemoteCall = (span: ApiSpan & Partial<Pick<Span, 'attributes'>>): boolean =>
	span.attributes?.[CALL_ID] !== undefined;

/**
 * Sets the name of a remote function's span at its end. SvelteKit starts the span before it looks up the
 * function, with an id that a caller may have invented.
 */
export function nameRemoteCall(span: Span, functions: RemoteFunctions): void {
	const { attributes } = span;
	const id = attributes[CALL_ID] ?? attributes[FORM_ID];
	if (typeof id !== 'string') return;

	const found = attributes[CALL_NAME];
	// reported by SvelteKit itself, even if the functions of the module were not
	if (typeof found === 'string') functions.note({ id: `${id.split('/', 1)[0]}/${found}`, name: found });
	const name = functions.nameOf(id);
	if (name === undefined) return;
	span.updateName(`${span.name} ${name}`);
	span.setAttribute(KIND, attributes[CALL_TYPE] ?? 'form');
}
