import type { Span as ApiSpan } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';
import type { RemoteFunctions } from './remote-functions.ts';

const CALL_ID = 'sveltekit.remote.call.id';
const CALL_NAME = 'sveltekit.remote.call.name';
const CALL_TYPE = 'sveltekit.remote.call.type';
const FORM_ID = 'sveltekit.remote.form.post.id';

/** `query`, `command`, `form` and so on, as SvelteKit calls them. */
const KIND = 'sveltekit.remote.kind';

/** Whether a span is that of a call of a remote function. */
export const isRemoteCall = (span: ApiSpan & Partial<Pick<Span, 'attributes'>>): boolean =>
	span.attributes?.[CALL_ID] !== undefined;

/**
 * Names the span of a call of a remote function, at its end: SvelteKit opens it before it has looked the
 * function up, by an id that a caller may have made up.
 */
export function nameRemoteCall(span: Span, functions: RemoteFunctions): void {
	const { attributes } = span;
	const id = attributes[CALL_ID] ?? attributes[FORM_ID];
	if (typeof id !== 'string') return;

	const found = attributes[CALL_NAME];
	// told by SvelteKit itself, also where the functions of a module were not
	if (typeof found === 'string') functions.note({ id: `${id.split('/', 1)[0]}/${found}`, name: found });
	const name = functions.nameOf(id);
	if (name === undefined) return;
	span.updateName(`${span.name} ${name}`);
	span.setAttribute(KIND, attributes[CALL_TYPE] ?? 'form');
}
