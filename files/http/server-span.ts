import { type Span, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import {
	ATTR_ERROR_TYPE,
	ATTR_HTTP_RESPONSE_STATUS_CODE,
	ATTR_HTTP_ROUTE
} from '@opentelemetry/semantic-conventions';
import type { ServerResponse } from 'node:http';
import { methodInName } from './methods.ts';
import { wasCutOff } from './response.ts';

/* What the end of a request sets on its SERVER span. Values that the app has set are kept. */

/** Node's error code for a connection that the peer closed. */
export const CLIENT_LEFT = 'ECONNRESET';

/**
 * The `error.type` of a request; undefined if it has not failed.
 *
 * @param res its response
 * @param cause the value for a response that was cut off
 */
export function errorTypeOf(res: ServerResponse, cause: string): string | undefined {
	const { statusCode, headersSent } = res;
	if (headersSent && statusCode >= 500) return String(statusCode);
	return wasCutOff(res) ? cause : undefined;
}

/**
 * Sets the status and the error of a response.
 *
 * @param span the SERVER span
 * @param res the response
 * @param cause the `error.type` of a response that was cut off
 * @param failure the message of the last unexpected error, if there is one
 */
export function recordResponse(
	span: Span & Partial<ReadableSpan>,
	res: ServerResponse,
	cause: string,
	failure: string | undefined
): void {
	const { statusCode, headersSent } = res;
	const { attributes, status } = span;
	const set = (key: string, value: string | number): void => {
		if (attributes?.[key] === undefined) span.setAttribute(key, value);
	};
	if (headersSent) set(ATTR_HTTP_RESPONSE_STATUS_CODE, statusCode);
	const error = errorTypeOf(res, cause);
	if (error !== undefined) set(ATTR_ERROR_TYPE, error);
	// SvelteKit's own error status has more detail
	if (headersSent && statusCode >= 500 && status?.code !== SpanStatusCode.ERROR) {
		span.setStatus({ code: SpanStatusCode.ERROR, ...(failure !== undefined && { message: failure }) });
	}
}

/**
 * Sets a route that was not known when the span started.
 *
 * @param span the SERVER span
 * @param route the route
 * @param method the method as the client sent it
 */
export function recordRoute(
	span: Span & Partial<ReadableSpan>,
	route: string,
	method: string | undefined
): void {
	span.setAttribute(ATTR_HTTP_ROUTE, route);
	const name = methodInName(method);
	if (span.name === name) span.updateName(`${name} ${route}`);
}
