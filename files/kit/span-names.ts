import type { Attributes } from '@opentelemetry/api';
import { ATTR_HTTP_ROUTE } from '@opentelemetry/semantic-conventions';
import { MAX_NAMES, joinNames } from '../http/join-names.ts';
import { methodInName } from '../http/methods.ts';
import { ROOT, UNKNOWN } from '../sdk/kit-names.ts';

/** The attributes that distinguish SvelteKit's spans with the same name, and SvelteKit's old name for the method. */
const NODE_ID = 'sveltekit.load.node_id';
const ACTION = 'sveltekit.form_action.name';
export const OLD_METHOD = 'http.method';

/**
 * More specific names for SvelteKit's spans: with the file of a `load` function, the name of a form action, or
 * the route of an endpoint. No part comes from a request, so the number of names is limited.
 *
 * @param routes the routes directory, which is the prefix of SvelteKit's file ids
 * @returns gets the name of a span from SvelteKit's name and the first attributes
 */
export function createSpanNames(routes: string): (kit: string, attributes: Attributes) => string {
	const folder = `${routes}/`;
	const inFile = (file: string): string => (file.startsWith(folder) ? file.slice(folder.length) : file);
	const loads = new Map<string, string>();
	/** By the whole id of the file: a part of it would be a new string each time. */
	const ofLoad = (kit: string, file: string): string => {
		const known = loads.get(file);
		if (known !== undefined) return known;
		const name = joinNames(kit, inFile(file));
		if (loads.size < MAX_NAMES) loads.set(file, name);
		return name;
	};

	return (kit, attributes) => {
		switch (kit) {
			case 'sveltekit.load': {
				const file = textOf(attributes[NODE_ID]);
				return file === undefined ? kit : ofLoad(kit, file);
			}
			case 'sveltekit.form_action': {
				const name = textOf(attributes[ACTION]);
				// SvelteKit before 2.60 finds these in every object of actions
				return name === undefined || name in Object.prototype ? kit : joinNames(kit, name);
			}
			case 'sveltekit.endpoint':
				return joinNames(kit, ofRequest(attributes));
			// a request that the app makes to itself: for an incoming request, it is the SERVER span
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
	return route === undefined ? method : joinNames(method, route);
}

function textOf(value: unknown): string | undefined {
	return typeof value === 'string' && value !== UNKNOWN ? value : undefined;
}
