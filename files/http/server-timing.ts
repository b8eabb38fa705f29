import type { Span } from '@opentelemetry/api';
import type { ServerResponse } from 'node:http';

/**
 * Sends the trace of a page to the browser, in the format that RUM agents read. It keeps the app's own
 * `Server-Timing` entries (https://www.w3.org/TR/server-timing/).
 *
 * @param span the SERVER span
 * @param res its response; headers must not have been sent
 */
export function setServerTiming(span: Span, res: ServerResponse): void {
	const { traceId, spanId, traceFlags } = span.spanContext();
	const entry = `traceparent;desc="00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}"`;
	const { writeHead } = res;

	res.writeHead = ((...args: Parameters<typeof writeHead>) => {
		if (!res.headersSent && String(res.getHeader('content-type')).startsWith('text/html')) {
			const existing = res.getHeader('server-timing');
			res.setHeader('server-timing', existing === undefined ? entry : `${existing}, ${entry}`);
		}
		return writeHead.apply(res, args);
	}) as typeof writeHead;
}
