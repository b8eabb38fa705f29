import { channel, subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { afterEach, expect, test, vi } from 'vitest';
import { measureFetch } from '../../files/metrics/fetch-measures.ts';
import { ManualReader } from './support/manual-reader.ts';

/** What is measured from now on. */
function measure(): { reader: ManualReader; collect(): Promise<Record<string, unknown>[]> } {
	const reader = new ManualReader();
	measureFetch(new MeterProvider({ readers: [reader] }).getMeter('fetch'));
	return {
		reader,
		async collect() {
			const { resourceMetrics } = await reader.collect();
			return resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
				metrics.flatMap(({ dataPoints }) =>
					dataPoints.map(({ attributes, value }) => ({ ...attributes, value }))
				)
			);
		}
	};
}

afterEach(() => {
	vi.restoreAllMocks();
});

test('hosts above the limit share a time series, which is logged once', async () => {
	const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
	const { collect } = measure();
	for (let host = 0; host < 1000; host++) {
		const request = { method: host % 2 ? 'GET' : 'BREW', origin: `http://host-${host}.example` };
		channel('undici:request:create').publish({ request });
		channel('undici:request:error').publish({ request, error: new TypeError('unreachable') });
	}
	const points = await collect();
	const hosts = new Set(points.map((point) => point['server.address']));
	expect(hosts.size).toBe(201);
	expect(points).toHaveLength(202);
	expect(points).toContainEqual(
		expect.objectContaining({
			'http.request.method': '_OTHER',
			'server.address': '_OTHER',
			'error.type': 'TypeError',
			value: expect.objectContaining({ count: 400 })
		})
	);
	const told = write.mock.calls.filter(([text]) => String(text).includes('more than 200 hosts'));
	expect(told).toHaveLength(1);
});

test('a response is measured when its headers arrive, and what happens to its body changes nothing', async () => {
	const server = createServer((_req, res) => {
		res.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
		res.writeHead(200).write('begun');
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { collect } = measure();
	try {
		const { port } = server.address() as AddressInfo;
		const url = `http://127.0.0.1:${port}/`;
		const expected = (count: number) => ({
			'http.request.method': 'GET',
			'http.response.status_code': 200,
			'server.address': '127.0.0.1',
			'server.port': port,
			'url.scheme': 'http',
			value: expect.objectContaining({ count })
		});

		const leaving = new AbortController();
		const unread = await fetch(url, { signal: leaving.signal });
		expect(await collect()).toEqual([expected(1)]);
		const cancelled = await fetch(url);
		const failed = new Promise((resolve) => subscribe('undici:request:error', resolve));
		await cancelled.body!.cancel();
		leaving.abort();
		await failed;
		await expect(unread.text()).rejects.toThrow();
		expect(await collect()).toEqual([expected(2)]);
	} finally {
		server.closeAllConnections();
		server.close();
	}
});

test('a request that is aborted has the name of its reason as error.type', async () => {
	const { collect } = measure();
	const abort = (reason: unknown): void => {
		const request = { method: 'GET', origin: 'http://aborted.example' };
		channel('undici:request:create').publish({ request });
		channel('undici:request:error').publish({ request, error: reason });
	};
	abort(new DOMException('This operation was aborted', 'AbortError'));
	abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
	abort(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
	for (const reason of ['any text', undefined, null]) abort(reason);
	const types = (await collect()).map((point) => point['error.type']);
	expect(types.sort()).toEqual(['AbortError', 'ECONNREFUSED', 'Error', 'TimeoutError']);
});

test('a request that no event ends, such as one that becomes a WebSocket, is not kept', async () => {
	setFlagsFromString('--expose-gc');
	const collectGarbage = runInNewContext('gc') as () => void;
	measure();
	const publish = (): WeakRef<object> => {
		const request = { method: 'GET', origin: 'http://socket.example' };
		channel('undici:request:create').publish({ request });
		return new WeakRef(request);
	};
	const request = publish();
	await expect
		.poll(() => {
			collectGarbage();
			return request.deref() === undefined;
		})
		.toBe(true);
});

const publish = (event: string, request: object, more: object = {}): void =>
	channel(`undici:request:${event}`).publish({ request, ...more });

test('the unit, the buckets and the attributes are those of the conventions', async () => {
	vi.useFakeTimers({ toFake: ['performance'] });
	const { reader, collect } = measure();
	for (const [method, origin] of [
		['patch', 'https://a.example'],
		['GET', 'http://b.example'],
		['GET', new URL('http://c.example:8080')]
	]) {
		const request = { method, origin, path: '/' };
		publish('create', request);
		vi.advanceTimersByTime(250);
		publish('headers', request, { response: { statusCode: 200 } });
		// the end of its body
		publish('error', request, { error: new Error('too late') });
	}
	vi.useRealTimers();
	const { resourceMetrics } = await reader.collect();
	expect(resourceMetrics.scopeMetrics[0]!.metrics).toMatchObject([
		{ descriptor: { name: 'http.client.request.duration', unit: 's' } }
	]);
	const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
	const value = expect.objectContaining({
		count: 1,
		sum: 0.25,
		buckets: expect.objectContaining({ boundaries })
	});
	const common = {
		'http.request.method': 'GET',
		'http.response.status_code': 200,
		'url.scheme': 'http',
		value
	};
	expect(await collect()).toEqual([
		{
			...common,
			'http.request.method': 'PATCH',
			'server.address': 'a.example',
			'server.port': 443,
			'url.scheme': 'https'
		},
		{ ...common, 'server.address': 'b.example', 'server.port': 80 },
		{ ...common, 'server.address': 'c.example', 'server.port': 8080 }
	]);
});

test('an error status is the error type, and the request for a tunnel is not counted', async () => {
	const { collect } = measure();
	const get = { method: 'GET', origin: 'http://a.example', path: '/' };
	const tunnel = { method: 'CONNECT', origin: 'http://proxy.example', path: 'a.example:443' };
	for (const request of [get, tunnel]) {
		publish('create', request);
		publish('headers', request, { response: { statusCode: 404 } });
	}
	expect(await collect()).toMatchObject([{ 'server.address': 'a.example', 'error.type': '404' }]);
});
