import type { IncomingMessage, ServerResponse } from 'node:http';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';

/** A request and its response. */
export interface Exchange {
	req: IncomingMessage;
	res: ServerResponse;
	/** The stream that they were created from, if Node did not create them. */
	stream?: ServerHttp2Stream;
}

/**
 * An HTTP/2 stream as a request and a response, with the properties that its span needs. Node creates neither for
 * a server that listens for `stream` events.
 *
 * @param args of the event `stream`, which is not only used by HTTP/2
 */
export function exchangeOf([stream, headers]: unknown[]): Exchange | undefined {
	if (!isHttp2Stream(stream)) return undefined;
	const { ':method': method, ':path': url } = headers as IncomingHttpHeaders;
	const req = { method, url, headers, httpVersion: '2.0', socket: stream.session?.socket, stream };
	const res = {
		stream,
		addListener: stream.addListener.bind(stream),
		get headersSent() {
			return stream.headersSent;
		},
		get statusCode() {
			return Number(stream.sentHeaders?.[':status']);
		},
		get writableEnded() {
			return stream.writableEnded;
		}
	};
	return { req, res, stream } as unknown as Exchange;
}

const isHttp2Stream = (value: unknown): value is ServerHttp2Stream =>
	typeof value === 'object' && value !== null && 'sentHeaders' in value && 'pushAllowed' in value;
