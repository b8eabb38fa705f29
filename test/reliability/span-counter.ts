import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

/** A receiver of OTLP over HTTP/protobuf that only counts, so that load does not end at the test. */
export interface SpanCounter {
	readonly url: string;
	readonly port: number;
	/** Spans by trace, of all requests that were answered. */
	readonly traces: ReadonlyMap<string, number>;
	/** All of them. */
	readonly spans: number;
	/** How long an answer takes; can be set at any time. */
	delayMs: number;
	reset(): void;
	/** Closes every connection and listens no more. */
	stop(): Promise<void>;
}

/**
 * @param options where to listen, any free port by default, and how long an answer takes
 */
export async function startSpanCounter({ port = 0, delayMs = 0 } = {}): Promise<SpanCounter> {
	const traces = new Map<string, number>();
	let spans = 0;

	const server = createServer((req, res) => {
		void (async () => {
			const body = await buffer(req);
			if (counter.delayMs > 0) await delay(counter.delayMs);
			if (res.destroyed) return;
			for (const traceId of traceIdsOf(body)) {
				traces.set(traceId, (traces.get(traceId) ?? 0) + 1);
				spans++;
			}
			res.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
		})().catch(() => res.destroy());
	});
	server.listen(port, '127.0.0.1');
	await once(server, 'listening');
	const address = server.address() as AddressInfo;

	const counter: SpanCounter = {
		url: `http://127.0.0.1:${address.port}`,
		port: address.port,
		traces,
		get spans() {
			return spans;
		},
		delayMs,
		reset: () => {
			traces.clear();
			spans = 0;
		},
		stop: async () => {
			const closed = once(server, 'close');
			server.close();
			server.closeAllConnections();
			await closed;
		}
	};
	return counter;
}

/** The trace of each span: `ExportTraceServiceRequest` > `ResourceSpans` > `ScopeSpans` > `Span.trace_id`. */
function* traceIdsOf(request: Buffer): Generator<string> {
	for (const resourceSpans of fields(request, 1)) {
		for (const scopeSpans of fields(resourceSpans, 2)) {
			for (const span of fields(scopeSpans, 2)) {
				for (const traceId of fields(span, 1)) yield traceId.toString('hex');
			}
		}
	}
}

/** The contents of a protobuf message's fields of this number, which are bytes. */
function* fields(message: Buffer, wanted: number): Generator<Buffer> {
	let at = 0;
	const varint = (): number => {
		let value = 0;
		for (let factor = 1; ; factor *= 128) {
			const byte = message[at++]!;
			value += (byte & 0x7f) * factor;
			if (byte < 128) return value;
		}
	};
	while (at < message.length) {
		const tag = varint();
		const type = tag & 7;
		if (type === 2) {
			const length = varint();
			if (tag >>> 3 === wanted) yield message.subarray(at, at + length);
			at += length;
		} else if (type === 0) varint();
		else at += type === 1 ? 8 : 4;
	}
}
