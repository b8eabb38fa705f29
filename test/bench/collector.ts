import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';

/** A collector that only counts. */
export interface Collector {
	/** The endpoint whose spans are counted under a name. */
	endpoint(name: string): string;
	/** Spans that have arrived under a name. */
	arrived(name: string): number;
	stop(): Promise<void>;
}

/** Listens on a free port, and accepts any path: Sentry sends its envelopes there. */
export async function startCollector(): Promise<Collector> {
	const counts = new Map<string, number>();
	const server = createServer(async (request, response) => {
		const [, name = '', signal] = (request.url ?? '').split('/', 3);
		const body = await buffer(request).catch(() => undefined);
		if (!body) return;
		response.end();
		// log records are not counted
		if (
			signal !== 'v1' ||
			!request.url?.endsWith('/traces') ||
			!request.headers['content-type']?.includes('protobuf')
		)
			return;
		const message = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
		counts.set(name, (counts.get(name) ?? 0) + countSpans(message));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;

	return {
		endpoint: (name) => `http://127.0.0.1:${port}/${name}`,
		arrived: (name) => counts.get(name) ?? 0,
		async stop() {
			server.close();
			server.closeAllConnections();
			await once(server, 'close');
		}
	};
}

/** Counts the spans of an export: `resource_spans` is field 1, `scope_spans` 2 in it, and `spans` 2 in that. */
function countSpans(message: Uint8Array): number {
	let count = 0;
	for (const resourceSpans of fields(message, 1)) {
		for (const scopeSpans of fields(resourceSpans, 2)) count += [...fields(scopeSpans, 2)].length;
	}
	return count;
}

/** The length-delimited fields of a protobuf message that have a number. */
function* fields(message: Uint8Array, wanted: number): Generator<Uint8Array> {
	let at = 0;
	const readVarint = (): number => {
		let value = 0;
		for (let factor = 1; ; factor *= 128) {
			const byte = message[at++] ?? 0;
			value += (byte & 127) * factor;
			if (byte < 128) return value;
		}
	};

	while (at < message.length) {
		const tag = readVarint();
		const type = tag & 7;
		if (type === 0) readVarint();
		else if (type === 1) at += 8;
		else if (type === 5) at += 4;
		else {
			const length = readVarint();
			if (tag >>> 3 === wanted) yield message.subarray(at, at + length);
			at += length;
		}
	}
}
