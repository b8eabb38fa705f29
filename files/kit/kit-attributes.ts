import type { Attributes } from '@opentelemetry/api';
import {
	ATTR_HTTP_REQUEST_METHOD,
	ATTR_HTTP_REQUEST_METHOD_ORIGINAL,
	ATTR_HTTP_ROUTE,
	ATTR_URL_PATH,
	HTTP_REQUEST_METHOD_VALUE_OTHER
} from '@opentelemetry/semantic-conventions';
import { ATTR_HTTP_RESPONSE_BODY_SIZE } from '@opentelemetry/semantic-conventions/incubating';
import { isKnownMethod } from '../http/methods.ts';
import { UNKNOWN } from '../sdk/kit-names.ts';
import { OLD_METHOD } from './span-names.ts';

/** SvelteKit's old attribute for the URL, which includes the full query. */
const OLD_URL = 'http.url';

/**
 * The first attributes of a SvelteKit span in the stable conventions: old names become new ones, and unknown
 * values are left out.
 */
export function stableAttributes(kit: Attributes): Attributes {
	const method = kit[OLD_METHOD];
	const url = kit[OLD_URL];
	if (method === undefined && url === undefined && kit[ATTR_HTTP_ROUTE] !== UNKNOWN) return kit;

	const attributes: Attributes = {};
	for (const key in kit) {
		const isOld = key === OLD_METHOD || key === OLD_URL;
		if (!isOld && (key !== ATTR_HTTP_ROUTE || kit[key] !== UNKNOWN)) attributes[key] = kit[key];
	}
	if (isKnownMethod(method as string)) {
		attributes[ATTR_HTTP_REQUEST_METHOD] = method;
	} else if (method !== undefined) {
		attributes[ATTR_HTTP_REQUEST_METHOD] = HTTP_REQUEST_METHOD_VALUE_OTHER;
		attributes[ATTR_HTTP_REQUEST_METHOD_ORIGINAL] = method;
	}
	const [, path] = /^[a-z]+:\/\/[^/?#]*([^?#]*)/.exec(String(url)) ?? [];
	if (path !== undefined) attributes[ATTR_URL_PATH] = path;
	return attributes;
}

/** Fixes the attributes that SvelteKit added before the end of a span: a size must be a number, or is removed. */
export function stabilizeAttributes(attributes: Attributes): void {
	const size = attributes[ATTR_HTTP_RESPONSE_BODY_SIZE];
	if (typeof size !== 'string') return;
	if (/^\d+$/.test(size)) attributes[ATTR_HTTP_RESPONSE_BODY_SIZE] = Number(size);
	else delete attributes[ATTR_HTTP_RESPONSE_BODY_SIZE];
}
