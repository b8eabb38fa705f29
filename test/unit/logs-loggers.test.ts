import { type LogRecord, ROOT_CONTEXT, SeverityNumber, context, logs, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { suppressTracing } from '@opentelemetry/core';
import { logs as oldLogs } from '@opentelemetry/api-logs';
import { LoggerProvider, type ReadableLogRecord, createLoggerConfigurator } from '@opentelemetry/sdk-logs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { boundBody } from '../../files/logs/bound-body.ts';
import { createLineClock } from '../../files/logs/line-clock.ts';
import { registerLoggers } from '../../files/logs/register-loggers.ts';
import { SafeLoggerProvider } from '../../files/logs/safe-loggers.ts';

let records: ReadableLogRecord[];
let sink: { isFull: boolean; dropped: number; drop(): void };
let provider: SafeLoggerProvider;

beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
afterAll(() => context.disable());
beforeEach(() => {
	records = [];
	sink = { isFull: false, dropped: 0, drop: () => void sink.dropped++ };
	const configure = createLoggerConfigurator([
		{ pattern: 'quiet', config: { minimumSeverity: 13 } },
		{ pattern: 'off', config: { enabled: false } },
		{ pattern: 'sampled', config: { traceBased: true } }
	]);
	const sdk = new LoggerProvider({
		processors: [
			{
				onEmit: (record) => void records.push(record),
				forceFlush: async () => {},
				shutdown: async () => {}
			}
		],
		loggerConfigurator: configure
	});
	provider = new SafeLoggerProvider(sdk, configure, sink, 100);
});
afterEach(() => {
	logs.disable();
	oldLogs.disable();
	vi.restoreAllMocks();
});

test('a record is passed on with the active context', () => {
	const spanContext = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
	context.with(trace.setSpanContext(ROOT_CONTEXT, spanContext), () =>
		provider.getLogger('shop', '1.2.3').emit({
			severityNumber: SeverityNumber.INFO,
			severityText: 'INFO',
			body: 'paid',
			eventName: 'shop.paid',
			attributes: { amount: 3 },
			exception: new TypeError('no'),
			timestamp: [1, 2]
		})
	);
	expect(records[0]).toMatchObject({
		severityNumber: 9,
		severityText: 'INFO',
		body: 'paid',
		eventName: 'shop.paid',
		spanContext,
		attributes: { amount: 3, 'exception.type': 'TypeError', 'exception.message': 'no' },
		hrTime: [1, 2],
		instrumentationScope: { name: 'shop', version: '1.2.3' }
	});
	expect(records[0]!.hrTimeObserved[0]).toBeGreaterThan(1e9);
});

test('loggers of both APIs come from our provider', () => {
	const before = [logs.getLogger('new'), oldLogs.getLogger('old')];
	registerLoggers(provider);
	const loggers = [...before, logs.getLogger('new'), oldLogs.getLogger('old')];
	for (const logger of loggers) logger.emit({ body: 'x' });
	// one that was made before the provider is a proxy, and the old API has no way to tell it
	expect(records.map((record) => record.instrumentationScope.name)).toEqual(['new', 'new', 'old']);
});

test('a provider that is already registered stays, and that is logged', () => {
	const written: string[] = [];
	vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
	oldLogs.setGlobalLoggerProvider(new LoggerProvider());
	registerLoggers(provider);
	oldLogs.getLogger('theirs').emit({ body: 'x' });
	logs.getLogger('ours').emit({ body: 'x' });
	expect(records).toHaveLength(1);
	expect(written.join('')).toMatch(/a logger provider is already registered with @opentelemetry\/api-logs: /);
});

test('a record below the minimum severity, or for which the queue is full, is not created', () => {
	const make = vi.fn<() => LogRecord>(() => ({ body: 'x' }));
	const logger = provider.getLogger('quiet');
	logger.emitLater({ severityNumber: 12 }, make);
	expect(sink.dropped).toBe(0);
	sink.isFull = true;
	logger.emitLater({ severityNumber: 12 }, make);
	expect(sink.dropped).toBe(0);
	logger.emitLater({ severityNumber: 13 }, make);
	expect(sink.dropped).toBe(1);
	provider.getLogger('off').emitLater({ severityNumber: 13 }, make);
	const unsampled = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 0 };
	context.with(trace.setSpanContext(ROOT_CONTEXT, unsampled), () =>
		provider.getLogger('sampled').emitLater({ severityNumber: 13 }, make)
	);
	expect(sink.dropped).toBe(1);
	provider.getLogger('any').emit({ body: 'without a severity' });
	expect(sink.dropped).toBe(2);
	expect(make).not.toHaveBeenCalled();
	expect(records).toHaveLength(0);
});

test('what is logged while exporting is not exported', () => {
	const logger = provider.getLogger('grpc');
	context.with(suppressTracing(ROOT_CONTEXT), () => {
		expect(logger.enabled()).toBe(false);
		logger.emit({ body: 'x' });
	});
	logger.emit({ body: 'x', context: suppressTracing(ROOT_CONTEXT) });
	expect(records).toHaveLength(0);
});

test('an argument that is not a record does not throw', () => {
	const logger = provider.getLogger(7 as never, {} as never, 1 as never);
	const cyclic: Record<string, unknown> = {};
	cyclic['self'] = cyclic;
	for (const record of [
		undefined,
		7,
		{ timestamp: 'now' },
		{ attributes: 7 },
		{ context: 7 },
		{ body: cyclic }
	]) {
		logger.emit(record as LogRecord);
	}
	logger.enabled({ context: 7 as never });
	logger.emit({ body: 'fine' });
	expect(records.at(-1)!.body).toBe('fine');
});

test('an invalid severity is omitted, and an invalid name is converted to a string', () => {
	provider.getLogger('app').emit({ severityNumber: 99, severityText: 7, eventName: true } as never);
	expect(records[0]).toMatchObject({ severityText: '7', eventName: 'true' });
	expect(records[0]!.severityNumber).toBeUndefined();
});

test('a body of any type is truncated at the limit', () => {
	expect(boundBody('x'.repeat(20), 10)).toBe('x'.repeat(10));
	expect(boundBody('x'.repeat(200), 100)).toBe(`${'x'.repeat(74)}… (cut, of 200 characters)`);
	expect(boundBody('short', 10)).toBe('short');
	for (const body of [undefined, null, 7, true]) expect(boundBody(body as never, 10)).toBe(body);
	expect(boundBody([10n, new Date(0), new TypeError('no')] as never, 100)).toEqual([
		'10',
		'1970-01-01T00:00:00.000Z',
		'TypeError: no'
	]);
	const body = { a: 'text', list: [1, { b: null }], bytes: new Uint8Array([1]) };
	expect(boundBody(body, 1000)).toEqual(body);

	const long = { list: Array.from({ length: 10_000 }, (_, index) => `item ${index}`), last: 1 };
	expect(JSON.stringify(boundBody(long, 1000)).length).toBeLessThan(1500);
	const bytes = boundBody({ bytes: new Uint8Array(5000) }, 1000) as { bytes: Uint8Array };
	expect(bytes.bytes.length).toBeLessThan(1000);
	const cyclic: Record<string, unknown> = {};
	cyclic['self'] = cyclic;
	expect(JSON.stringify(boundBody(cyclic as never, 1000))).toMatch(/^(\{"self":){16}"…"\}+$/);
});

test('lines in the same millisecond keep their order', () => {
	let ms = 1_700_000_000_123;
	const now = createLineClock(() => ms);
	expect(now()).toEqual([1_700_000_000, 123_000_000]);
	expect(now()).toEqual([1_700_000_000, 123_001_000]);
	for (let line = 0; line < 2000; line++) now();
	expect(now()).toEqual([1_700_000_000, 123_999_000]);
	ms++;
	expect(now()).toEqual([1_700_000_000, 124_000_000]);
});
