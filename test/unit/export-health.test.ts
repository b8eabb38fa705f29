import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ShutdownError } from '../../files/otlp/attempt.ts';
import type { ExportTarget } from '../../files/otlp/advise.ts';
import { ExportHealth } from '../../files/otlp/export-health.ts';
import { wordingOfLogs } from '../../files/logs/wording.ts';
import { wordingOfSpans } from '../../files/traces/wording.ts';
import { createTarget } from './support/export-target.ts';
import { captureStderr } from './support/stderr.ts';

const lines = captureStderr();
let health: ExportHealth;

beforeEach(() => {
	vi.useFakeTimers();
	health = new ExportHealth(createTarget(), wordingOfSpans(2048));
});

afterEach(() => {
	vi.useRealTimers();
});

const take = (): string[] => lines.splice(0).map((line) => line.trim().replace('adapter-node-otel: ', ''));

test('logs the first failure and the recovery, with what was lost in between', () => {
	health.failed(new Error('connect ECONNREFUSED'), 0);
	health.failed(new Error('connect ECONNREFUSED'), 512);
	health.dropped();
	health.succeeded();
	expect(take()).toEqual([
		'collector http://c does not accept spans: connect ECONNREFUSED. Up to 2048 spans wait for it, more are dropped; the app is not affected',
		'collector http://c accepts spans again; 513 spans lost meanwhile'
	]);
});

test('logs once what a shutdown has interrupted, with all other losses', () => {
	health.failed(new ShutdownError(), 512);
	health.close(2048);
	health.failed(new ShutdownError(), 1);
	expect(take()).toEqual([
		'the process ends and collector http://c has not accepted everything: 2560 spans lost in all'
	]);
});

test('logs an ongoing failure once a minute, with the total', () => {
	for (let second = 0; second <= 120; second++) {
		health.failed(new Error('it answers 503'), 1);
		vi.advanceTimersByTime(1000);
	}
	expect(take()).toEqual([
		'collector http://c does not accept spans: it answers 503. 1 span lost so far. Up to 2048 spans wait for it, more are dropped; the app is not affected',
		'collector http://c still does not accept spans: it answers 503. 61 spans lost so far',
		'collector http://c still does not accept spans: it answers 503. 121 spans lost so far'
	]);
});

test('does not fill the log if every other request to the collector fails', () => {
	for (let second = 0; second < 60; second++) {
		health.failed(new Error('it answers 503'), 0);
		health.succeeded();
		vi.advanceTimersByTime(1000);
	}
	expect(take()).toHaveLength(2);
});

test('logs dropped spans once a minute, and the rest at the end', () => {
	for (let count = 0; count < 1000; count++) health.dropped();
	vi.advanceTimersByTime(60_000);
	health.dropped();
	health.dropped();
	health.close(0);
	expect(take()).toEqual([
		expect.stringMatching(/^spans are dropped: .* 1 span lost so far\. Lower OTEL_TRACES_SAMPLER_ARG/),
		expect.stringMatching(/^spans are dropped: .* 1001 spans lost so far\./),
		'1002 spans lost in all since the start'
	]);
});

test('logs nothing at the end if all losses were logged, or nothing was lost', () => {
	health.close(0);
	health.failed(new Error('it answers 400'), 512);
	take();
	health.close(0);
	expect(take()).toEqual([]);
});

test('logs what the collector rejected of a batch, with its message, in one line', () => {
	health.rejected(3, 'spans\ntoo old');
	health.rejected(0, 'deprecated');
	expect(take()).toEqual(['collector http://c rejected 3 spans: "spans\\ntoo old". 3 spans lost so far']);
	expect(health.lost).toBe(3);
});

test('also counts rejected spans between two log lines', () => {
	health.rejected(3, 'too old');
	health.rejected(4, 'too old');
	expect(take()).toHaveLength(1);
	expect(health.lost).toBe(7);
	health.close(0);
	expect(take()).toEqual(['7 spans lost in all since the start']);
});

test('shows a warning of the collector as a warning', () => {
	health.rejected(0, 'use another endpoint');
	expect(take()).toEqual(['collector http://c warns: "use another endpoint"']);
	expect(health.lost).toBe(0);
});

test('logs late spans once, and counts each', () => {
	health.late();
	health.late();
	health.late();
	expect(take()).toEqual(['a span came after the last export: it is dropped, and so are those that follow']);
	expect(health.lost).toBe(3);
});

test('logs the error of the first of several addresses', () => {
	health.failed(
		new AggregateError([
			new Error('connect ECONNREFUSED ::1:4318'),
			new Error('connect ECONNREFUSED 127.0.0.1')
		]),
		0
	);
	expect(take()[0]).toContain('does not accept spans: connect ECONNREFUSED ::1:4318.');
});

test('says that a batch which the collector refuses is lost, and does not wait', () => {
	health.failed(new Error('it answers 500'), 512, true);
	expect(take()).toEqual([
		'collector http://c does not accept spans: it answers 500. 512 spans lost so far. Each of these batches is lost; the app is not affected'
	]);
});

/** The end of the message of a failure. */
function adviceOf(cause: Error, settings?: Partial<ExportTarget>): string | undefined {
	new ExportHealth(createTarget(settings), wordingOfSpans(2048)).failed(cause, 1, true);
	return take()[0]!.split('the app is not affected')[1];
}

const untrusted = Object.assign(new Error('self-signed certificate'), {
	code: 'DEPTH_ZERO_SELF_SIGNED_CERT'
});

describe('says what to do', () => {
	test.each([
		['401 Unauthorized', '. Set OTEL_EXPORTER_OTLP_HEADERS'],
		['403 Forbidden', '. Set OTEL_EXPORTER_OTLP_HEADERS'],
		['UNAUTHENTICATED: no key', '. Set OTEL_EXPORTER_OTLP_HEADERS'],
		['PERMISSION_DENIED', '. Set OTEL_EXPORTER_OTLP_HEADERS'],
		['404 Not Found', '. Check the path of the URL, and whether this collector accepts traces'],
		['500 Internal Server Error', ''],
		['4010', '']
	])('after %s', (answer, advice) => {
		expect(adviceOf(new Error(`it answers ${answer}`))).toBe(advice);
	});

	test('after UNIMPLEMENTED of gRPC, which has no path', () => {
		const cause = new Error('it answers UNIMPLEMENTED: unknown service');
		const settings = { signal: 'logs', protocol: 'grpc' } as const;
		expect(adviceOf(cause, settings)).toBe('. Check whether this collector accepts logs');
	});

	test('nothing about a path after 404 of a server that is not one of gRPC', () => {
		expect(adviceOf(new Error('it answers 404, which is not gRPC'), { protocol: 'grpc' })).toBe('');
	});

	test('about headers that are there', () => {
		expect(adviceOf(new Error('it answers 401'), { headers: { 'x-api-key': 'wrong' } })).toBe(
			'. Check OTEL_EXPORTER_OTLP_HEADERS and OTEL_EXPORTER_OTLP_TRACES_HEADERS'
		);
	});

	test('about a certificate that is not trusted, but not about one that is expired', () => {
		expect(adviceOf(untrusted)).toBe('. Set OTEL_EXPORTER_OTLP_CERTIFICATE');
		expect(adviceOf(untrusted, { signal: 'logs', tls: { ca: 'PEM' } })).toBe(
			'. Check OTEL_EXPORTER_OTLP_CERTIFICATE and OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE'
		);
		expect(adviceOf(Object.assign(new Error('expired'), { code: 'CERT_HAS_EXPIRED' }))).toBe('');
	});

	test('in the terms of a configuration file, which has the variables ignored', () => {
		const place = 'of the exporter in the file of OTEL_CONFIG_FILE';
		expect(adviceOf(new Error('it answers 401'), { isOfFile: true })).toBe(`. Set headers ${place}`);
		expect(adviceOf(untrusted, { isOfFile: true })).toBe(`. Set tls.ca_file ${place}`);
	});
});

test('of a configuration file, names its keys for a queue that is full', () => {
	for (const wording of [wordingOfSpans(2048, true), wordingOfLogs(2048, true)]) {
		new ExportHealth(createTarget({ isOfFile: true }), wording).dropped();
		const [line] = take();
		expect(line).toMatch(/ max_queue_size in the file of OTEL_CONFIG_FILE$/);
		expect(line).not.toMatch(/OTEL_(BSP|BLRP|TRACES)/);
	}
});

test('does not show the value of a header that the collector repeats', () => {
	const headers = { authorization: 'Bearer c2VjcmV0', 'x-tenant': 'shop' };
	health = new ExportHealth(createTarget({ headers }), wordingOfSpans(2048));
	health.failed(new Error('it answers 401 no shop knows c2VjcmV0'), 1, true);
	// a value must not be cut in two before it is found
	health.rejected(1, `${'-'.repeat(195)}c2VjcmV0`);
	const [failure, refusal] = take();
	expect(failure).toContain('it answers 401 no shop knows ….');
	expect(refusal).toContain(`${'-'.repeat(195)}…"`);
});

test.each([
	['begins with another value', { 'x-scope-orgid': 'acmecorp', authorization: 'Bearer acmecorp-9f8a7s6d5f' }],
	['is a part of a value', { authorization: 'Token token=acmecorp-9f8a7s6d5f,realm=shop' }],
	['is all of a value', { authorization: 'acmecorp-9f8a7s6d5f' }]
])('shows no part of a key that %s', (_, headers) => {
	health = new ExportHealth(createTarget({ headers }), wordingOfSpans(2048));
	health.failed(new Error('it answers 401 unknown token acmecorp-9f8a7s6d5f'), 1, true);
	expect(take()[0]).toContain('it answers 401 unknown token ….');
});
