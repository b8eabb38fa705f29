import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultsOf } from '../otlp/conventions.ts';
import type { ReceivedLog } from '../otlp/receiver.ts';
import { startReceiver } from '../otlp/receiver.ts';
import { spansOf } from '../otlp/tree.ts';
import { buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { type TracedServer, startTraced } from '../support/traced-server.ts';
import { combinations, isWholeMatrix } from './combinations.ts';

const files = {
	// no `handleError`: SvelteKit prints what it does not expect
	'src/hooks.server.js': `process.on('exit', () => console.info('by an exit handler'));`,
	'src/routes/log/+server.js': `
import { logs } from '@opentelemetry/api';
import { logs as oldLogs } from '@opentelemetry/api-logs';

export function GET() {
	console.debug('debug %d', 1);
	console.log('log', { order: 7 });
	console.info('info');
	console.warn('warn');
	console.error('failed', new TypeError('not today'));
	console.trace('here');
	logs.getLogger('shop', '1.2').emit({ body: { paid: true }, eventName: 'shop.paid', severityNumber: 10 });
	oldLogs.getLogger('old').emit({ body: 'by the older API' });
	return new Response('logged');
}`,
	'src/routes/unexpected/+page.server.js': `export function load() { throw new RangeError('too far'); }`,
	'src/routes/unexpected/+page.svelte': '<p>never</p>',
	'src/routes/storm/[count]/+server.js': `
export function GET({ params }) {
	for (let i = 0; i < Number(params.count); i++) console.log('line %d', i);
	return new Response('stormed');
}`,
	'src/routes/large/+server.js': `
export function GET() {
	console.log('x'.repeat(200_000));
	return new Response('large');
}`,
	'src/routes/throw-outside/+server.js': `
export function GET() {
	setImmediate(() => {
		process.on('exit', () => console.log('added at the end'));
		console.log('just before');
		throw new Error('nobody catches this');
	});
	return new Promise(() => {});
}`,
	'src/routes/exit/+server.js': `
export function GET() {
	process.on('exit', () => console.log('added at the end'));
	console.log('just before');
	process.exit(5);
}`
};

/** A request has them by their scopes. */
const sorted = (logs: readonly ReceivedLog[]): ReceivedLog[] =>
	logs.toSorted((a, b) => Number(a.timeUnixNano - b.timeUnixNano));

describe.each(isWholeMatrix ? combinations : combinations.slice(-1))('%s: log records', (combination) => {
	let build: string;
	let traced: TracedServer;

	beforeAll(async () => {
		({ build } = await buildApp({
			combination,
			overlays: ['api'],
			files,
			packageJson: { dependencies: { '@opentelemetry/api-logs': '0.223.1' } }
		}));
		traced = await startTraced(build, {
			env: { OTEL_LOGS_EXPORTER: 'otlp', OTEL_BLRP_SCHEDULE_DELAY: '20' }
		});
	});
	afterAll(() => traced?.stop());

	test('the startup line names their exporter', () => {
		expect(traced.server.stderr()).toMatch(
			/^adapter-node-otel: tracing .*; instrumentations undici; logs otlp http\/protobuf to http:\/\/127\.0\.0\.1:\d+\/v1\/logs$/m
		);
	});

	test('are created for printed lines, with their trace', async () => {
		const { traceId, tree } = await traced.trace('/log');
		await traced.receiver.waitForLog(({ body }) => body === 'by the older API');
		const logs = sorted(traced.receiver.logs.filter((log) => log.traceId === traceId));
		expect(logs).toMatchObject([
			{ body: 'debug 1', severityNumber: 5, severityText: 'DEBUG' },
			{ body: 'log { order: 7 }', severityNumber: 9, severityText: 'INFO', attributes: {} },
			{ body: 'info', severityNumber: 9, severityText: 'INFO' },
			{ body: 'warn', severityNumber: 13, severityText: 'WARN' },
			{
				body: expect.stringMatching(/^failed TypeError: not today\n {4}at /),
				severityNumber: 17,
				severityText: 'ERROR',
				attributes: {
					'exception.type': 'TypeError',
					'exception.message': 'not today',
					'exception.stacktrace': expect.stringMatching(/^TypeError: not today\n {4}at /)
				}
			},
			{
				body: expect.stringMatching(/^Trace: here\n {4}at /),
				severityNumber: 1,
				severityText: 'TRACE'
			},
			{
				body: { paid: true },
				severityNumber: 10,
				eventName: 'shop.paid',
				scope: { name: 'shop', version: '1.2' }
			},
			{ body: 'by the older API', scope: { name: 'old' } }
		]);
		const spanIds = spansOf(tree).map((span) => span.spanId);
		for (const { flags, spanId, resource, timeUnixNano, observedTimeUnixNano } of logs) {
			expect(flags & 1).toBe(1);
			expect(spanIds).toContain(spanId);
			expect(resource['service.name']).toBe(tree.span.resource['service.name']);
			expect(observedTimeUnixNano).toBe(timeUnixNano);
			expect(Number(timeUnixNano / 1_000_000n)).toBeGreaterThan(Date.now() - 60_000);
		}
		expect(logs.flatMap(({ attributes }) => faultsOf(attributes))).toEqual([]);
		expect(logs.slice(0, 6).map(({ scope }) => scope.name)).toEqual(
			Array.from({ length: 6 }, () => 'console')
		);
	});

	test.each(['SIGTERM', 'process.exit()'])(
		'that a collector leaves unanswered are logged as lost at %s',
		async (end) => {
			await using receiver = await startReceiver({ respond: () => ({ fault: 'never-answer' }) });
			await using server = await startServer(build, {
				env: {
					OTEL_TRACES_EXPORTER: 'none',
					OTEL_LOGS_EXPORTER: 'otlp',
					OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
					OTEL_BLRP_SCHEDULE_DELAY: '20',
					OTEL_SVELTEKIT_SHUTDOWN_TIMEOUT: '1500'
				}
			});
			await (await server.fetch('/storm/3')).text();
			await receiver.waitForRequest(({ logs }) => logs.some(({ body }) => body === 'line 2'));
			await delay(1100);
			if (end === 'SIGTERM') server.signal(end);
			else void server.fetch('/exit').catch(() => {});
			await server.exited;
			// with that of the start and those of the end
			const lost = end === 'SIGTERM' ? 5 : 7;
			expect(server.stderr()).toContain(`has not accepted everything: ${lost} log records lost in all`);
		}
	);

	test('contain the errors that SvelteKit prints', async () => {
		const { traceId } = await traced.trace('/unexpected');
		const log = await traced.receiver.waitForLog((each) => each.traceId === traceId);
		expect(log).toMatchObject({
			severityText: 'ERROR',
			body: expect.stringContaining('RangeError: too far'),
			attributes: { 'exception.type': 'RangeError', 'exception.message': 'too far' }
		});
	});

	test('do not change the printed output', async () => {
		const print = async (env: Record<string, string>) => {
			await using server = await startServer(build, { env });
			await server.fetch('/log');
			await server.stop();
			return [
				server.stdout().replaceAll(/:\d+$/gm, ':PORT'),
				server.stderr().replaceAll(/^adapter-node-otel: .*\n/gm, '')
			];
		};
		const on = { OTEL_LOGS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: traced.receiver.url };
		const { OTEL_LOGS_EXPORTER: _, ...off } = on;
		expect(await print(on)).toEqual(await print(off));
	});

	test('are truncated, and dropped, counted and logged if there are too many', async () => {
		await using receiver = await startReceiver({ respond: () => ({ delayMs: 100 }) });
		await using server = await startServer(build, {
			env: {
				OTEL_LOGS_EXPORTER: 'otlp',
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
				OTEL_TRACES_EXPORTER: 'none'
			}
		});
		await server.fetch('/large');
		const large = await receiver.waitForLog(({ body }) => String(body).startsWith('xxx'));
		expect(String(large.body)).toMatch(/^x{65500,65536}… \(cut, of 200000 characters\)$/);
		await server.fetch('/storm/20000');
		await server.waitForOutput('log records are dropped');
		await server.stop();
		const lines = receiver.logs.filter(({ body }) => String(body).startsWith('line ')).length;
		const lost = Number(/(\d+) log records lost in all/.exec(server.stderr())?.[1]);
		expect(lines + lost).toBe(20_000);
		expect(lines).toBeGreaterThan(2000);
		expect(server.stderr()).toMatch(/^adapter-node-otel: logging .*; logs otlp http\/protobuf to /m);
	});

	test.each([
		[
			'an uncaught exception',
			'/throw-outside',
			1,
			[
				'just before',
				expect.stringMatching(/^Uncaught Error: nobody catches this/),
				'by an exit handler',
				'added at the end'
			]
		],
		['process.exit()', '/exit', 5, ['just before', 'by an exit handler', 'added at the end']],
		['SIGTERM', undefined, 0, ['by an exit handler']]
	])('are all there when the process ends by %s', async (_, path, code, expected) => {
		await using receiver = await startReceiver();
		await using server = await startServer(build, {
			env: {
				OTEL_LOGS_EXPORTER: 'otlp',
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
				OTEL_BLRP_SCHEDULE_DELAY: '60000'
			}
		});
		await server.fetch('/log');
		// it hangs up
		if (path) await server.fetch(path).catch(() => {});
		else server.signal('SIGTERM');
		expect(await server.exited).toMatchObject({ code });
		const last = sorted(receiver.logs.filter(({ body }) => !String(body).startsWith('Listening')));
		expect(last.slice(8).map(({ body }) => body)).toEqual(expected);
		expect(server.stderr()).not.toContain('lost');
		if (code !== 1) return;
		expect(last.find(({ severityText }) => severityText === 'FATAL')).toMatchObject({
			severityNumber: 21,
			attributes: { 'exception.type': 'Error', 'exception.message': 'nobody catches this' }
		});
	});

	test('OTEL_LOGS_EXPORTER=console prints a line of JSON for each', async () => {
		await using server = await startServer(build, {
			env: { OTEL_LOGS_EXPORTER: 'console', OTEL_TRACES_EXPORTER: 'none' }
		});
		await server.fetch('/log');
		await server.waitForOutput('by the older API');
		const lines = server
			.stdout()
			.split('\n')
			.filter((line) => line.startsWith('{'))
			.map((line) => JSON.parse(line) as { body: unknown });
		expect(lines.find(({ body }) => body === 'log { order: 7 }')).toMatchObject({
			severity: 'INFO',
			logger: 'console'
		});
	});
});
