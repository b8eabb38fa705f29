import type { Attributes } from '@opentelemetry/api';
import { ATTR_HTTP_ROUTE } from '@opentelemetry/semantic-conventions';
import { methodInName } from '../http/methods.ts';
import { ROOT } from './names.ts';

/** What SvelteKit says where it knows no more. */
export const UNKNOWN = 'unknown';

/** The attributes that tell SvelteKit's spans of one name apart, and SvelteKit's old name for a method. */
const NODE_ID = 'sveltekit.load.node_id';
const ACTION = 'sveltekit.form_action.name';
export const OLD_METHOD = 'http.method';

/**
 * Names for SvelteKit's spans that say which: the file of a `load` function, the name of a form action, the
 * route of an endpoint. Nothing of it comes from a request, so that the number of names is bounded.
 *
 * @param routes the folder of the routes, as SvelteKit's ids of files begin
 * @returns the name of a span, by SvelteKit's name for it and its first attributes
 */
export function createSpanNames(routes: string): (kit: string, attributes: Attributes) => string {
	const folder = `${routes}/`;

	return (kit, attributes) => {
		switch (kit) {
			case 'sveltekit.load': {
				const file = textOf(attributes[NODE_ID]);
				if (file === undefined) return kit;
				return `${kit} ${file.startsWith(folder) ? file.slice(folder.length) : file}`;
			}
			case 'sveltekit.form_action': {
				const name = textOf(attributes[ACTION]);
				// SvelteKit before 2.60 finds these in every object of actions
				return name === undefined || name in Object.prototype ? kit : `${kit} ${name}`;
			}
			case 'sveltekit.endpoint':
				return `${kit} ${ofRequest(attributes)}`;
			// a request that the app makes to itself: for one from outside it is the SERVER span
			case ROOT:
				return ofRequest(attributes);
			default:
				return kit;
		}
	};
}

/** `{method} {route}`. */
function ofRequest(attributes: Attributes): string {
	const method = methodInName(attributes[OLD_METHOD] as string);
	const route = textOf(attributes[ATTR_HTTP_ROUTE]);
	return route === undefined ? method : `${method} ${route}`;
}

function textOf(value: unknown): string | undefined {
	return typeof value === 'string' && value !== UNKNOWN ? value : undefined;
}
