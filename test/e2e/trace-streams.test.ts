import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../support/app.ts';
import { rawRequest } from '../support/raw-request.ts';
import { type TracedServer, callerSpanId, newTraceId, startTraced } from '../support/traced-server.ts';
import { combinations } from './combinations.ts';

describe.each(combinations)('%s: a SERVER span ends', (combination) => {
	let traced: TracedServer;

	beforeAll(async () => {
		const { build } = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
		traced = await startTraced(build);
	});

	afterAll(() => traced?.stop());

	const milliseconds = (span: { startTimeUnixNano: bigint; endTimeUnixNano: bigint }): number =>
		Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6;

	test.each([
		['streamed page', '/stream?ms=120', 120],
		['stream of server-sent events', '/sse?events=4&ms=40', 120],
		['slow response', '/slow?ms=120', 120]
	])('when a %s does', async (_, path, least) => {
		const { tree } = await traced.trace(path);
		expect(milliseconds(tree.span)).toBeGreaterThan(least - 5);
		expect(tree.span.attributes).toMatchObject({ 'http.response.status_code': 200 });
		expect(tree.span.attributes['error.type']).toBeUndefined();
	});

	test.each([
		['before there is a response', '/slow?ms=2000', false, undefined],
		['in the middle of one', '/sse/forever', true, 200]
	])('when the client leaves %s', async (_, path, waits, status) => {
		const traceId = newTraceId();
		const req = request(`${traced.server.url}${path}`, {
			headers: { traceparent: `00-${traceId}-${callerSpanId}-01` }
		}).end();
		req.on('error', () => {});
		if (waits) {
			const [res] = (await once(req, 'response')) as [IncomingMessage];
			await once(
				res.on('error', () => {}),
				'data'
			);
		} else {
			await once(req, 'finish');
			// it has arrived when a later one is answered
			await (await traced.server.fetch('/slow?ms=20')).text();
		}
		req.destroy();
		const { span } = await traced.receiver.waitForTrace(
			(each) => each.traceId === traceId && each.kind === 'SERVER'
		);
		expect(milliseconds(span)).toBeLessThan(1900);
		expect(span.attributes['http.response.status_code']).toBe(status);
		expect(span.attributes['error.type']).toBe('ECONNRESET');
		expect(span.status).toEqual({ code: 'UNSET' });
	});

	test('with the response to a client that would rather speak another protocol', async () => {
		const traceId = newTraceId();
		const answer = await rawRequest(
			traced.server.port,
			'GET /slow?ms=1 HTTP/1.1\r\nhost: localhost\r\nupgrade: websocket\r\nconnection: upgrade, close\r\n' +
				`traceparent: 00-${traceId}-${callerSpanId}-01\r\n\r\n`
		);
		expect(answer).toContain('HTTP/1.1 200');
		const { span } = await traced.receiver.waitForTrace(traceId);
		expect(span).toMatchObject({ name: 'GET /slow', parentSpanId: callerSpanId });
	});

	test('with each response of a connection that is kept', async () => {
		const agent = new Agent({ keepAlive: true, maxSockets: 1 });
		const ids = Array.from({ length: 3 }, newTraceId);
		const ports = new Set<unknown>();
		for (const id of ids) {
			const req = request(`${traced.server.url}/slow?ms=10`, {
				agent,
				headers: { traceparent: `00-${id}-${callerSpanId}-01` }
			}).end();
			const [res] = (await once(req, 'response')) as [IncomingMessage];
			await once(res.resume(), 'end');
			const { span } = await traced.receiver.waitForTrace(id);
			expect(span.attributes['error.type']).toBeUndefined();
			ports.add(span.attributes['network.peer.port']);
		}
		agent.destroy();
		expect(ports.size).toBe(1);
	});
});
