import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ShutdownError } from '../../files/otlp/attempt.ts';
import { ExportHealth } from '../../files/otlp/export-health.ts';
import { wordingOfSpans } from '../../files/traces/wording.ts';
import { captureStderr } from './support/stderr.ts';

const lines = captureStderr();
let health: ExportHealth;

beforeEach(() => {
	vi.useFakeTimers();
	health = new ExportHealth('collector http://c', wordingOfSpans(2048));
});

afterEach(() => {
	vi.useRealTimers();
});

const take = (): string[] => lines.splice(0).map((line) => line.trim().replace('adapter-node-otel: ', ''));

test('logs the first failure and the recovery, with what was lost in between', () => {
	health.failed(new Error('connect ECONNREFUSED'), 0);
	health.failed(new Error('connect ECONNREFUSED'), 512);
	health.dropped(2048);
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
	for (let count = 0; count < 1000; count++) health.dropped(2048);
	vi.advanceTimersByTime(60_000);
	health.dropped(2048);
	health.dropped(2048);
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
