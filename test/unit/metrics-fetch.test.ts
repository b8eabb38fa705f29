import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { afterEach, expect, test, vi } from 'vitest';
import { type FetchMeasures, measureFetch } from '../../files/metrics/fetch-measures.ts';

class Reader extends MetricReader {
	protected async onForceFlush(): Promise<void> {}
	protected async onShutdown(): Promise<void> {}
}

/** What is measured from now on. */
function measure(): { measures: FetchMeasures; collect(): Promise<Record<string, unknown>[]> } {
	const reader = new Reader();
	const measures = measureFetch(new MeterProvider({ readers: [reader] }).getMeter('fetch'));
	return {
		measures,
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
	vi.useRealTimers();
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

test('a response with an unread body is measured at the next collection, with the time until its headers', async () => {
	const server = createServer((_req, res) => res.writeHead(200).write('begun')).listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { measures, collect } = measure();
	const leaving = new AbortController();
	try {
		const { port } = server.address() as AddressInfo;
		await fetch(`http://127.0.0.1:${port}/`, { signal: leaving.signal });
		expect(await collect()).toEqual([]);
		measures.settle();
		const expected = {
			'http.request.method': 'GET',
			'http.response.status_code': 200,
			'server.address': '127.0.0.1',
			'server.port': port,
			value: expect.objectContaining({ count: 1 })
		};
		expect(await collect()).toMatchObject([expected]);
		// and not once more
		leaving.abort();
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(await collect()).toMatchObject([expected]);
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

test('an error status is the error type, and the request for a tunnel is not counted', async () => {
	const { collect } = measure();
	const get = { method: 'GET', origin: 'http://a.example', path: '/' };
	const tunnel = { method: 'CONNECT', origin: 'http://proxy.example', path: 'a.example:443' };
	for (const request of [get, tunnel]) {
		publish('create', request);
		publish('headers', request, { response: { statusCode: 404 } });
		publish('trailers', request);
	}
	expect(await collect()).toMatchObject([{ 'server.address': 'a.example', 'error.type': '404' }]);
});

test('a response with an unread body counts half a minute later, with the time to its headers', async () => {
	vi.useFakeTimers();
	const { collect } = measure();
	const request = { method: 'GET', origin: 'http://a.example', path: '/' };
	publish('create', request);
	vi.advanceTimersByTime(20_000);
	publish('headers', request, { response: { statusCode: 200 } });
	vi.advanceTimersByTime(10_001);
	expect(await collect()).toEqual([]);
	vi.advanceTimersByTime(30_000);
	expect(await collect()).toMatchObject([{ value: { count: 1, sum: 20 } }]);
});
