import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';

/**
 * Whether a response closed before all of it was sent. Node's HTTP/2 reports a cancelled response as
 * finished, so the state of the stream is used there.
 */
export function wasCutOff(res: ServerResponse): boolean {
	const { stream } = res as unknown as Partial<Http2ServerResponse>;
	return stream ? !res.writableEnded || stream.rstCode !== 0 : !res.writableFinished;
}

/** Whether a response has closed, sent or cut off. It emits no more events. */
export function hasClosed(res: ServerResponse): boolean {
	const { stream } = res as unknown as Partial<Http2ServerResponse>;
	return stream ? stream.destroyed : res.closed;
}

/**
 * Calls a function when a response has closed, sent or cut off. A middleware that compresses responses may replace
 * `res.on`, and keep listeners for its own stream: they would never be called if the client has left.
 */
export function onClose(res: ServerResponse, listener: () => void): void {
	res.addListener('close', listener);
}
