import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { argument } from '../../src/dev/guess-facts.ts';
import { isOwnRequest } from '../../src/dev/own-request.ts';
import { isDisabled } from '../../src/dev/skip-file.ts';

afterEach(() => void vi.unstubAllEnvs());

describe("a request for the page is the developer's", () => {
	const host = 'localhost:5173';

	test.each<[isOwn: boolean, headers: IncomingMessage['headers']]>([
		[true, { host }],
		[true, { ':authority': host }],
		[true, { host: '[::1]:5173' }],
		[true, { host: 'app.localhost' }],
		[true, { host: 'dev.example' }],
		[false, { host: 'evil.example' }],
		[true, { host, origin: 'http://localhost:5173' }],
		[false, { host, origin: 'http://evil.example' }],
		[true, { host, 'sec-fetch-site': 'none' }],
		[true, { host, 'sec-fetch-site': 'same-origin' }],
		[false, { host, 'sec-fetch-site': 'cross-site' }],
		[
			true,
			{ host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
		],
		[
			false,
			{ host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }
		]
	])('%s: %o', (isOwn, headers) => {
		expect(isOwnRequest({ headers } as IncomingMessage, ['dev.example'])).toBe(isOwn);
	});
});

test.each([
	[['--mode', 'staging'], 'staging'],
	[['--mode=staging'], 'staging'],
	[['-m', 'staging'], 'staging'],
	[[], undefined]
])("Vite's command line %o has the mode %s", (more, mode) => {
	const { argv } = process;
	process.argv = ['node', 'vite', ...more];
	expect(argument('--mode', '-m')).toBe(mode);
	process.argv = argv;
});

test.each([
	['true', true],
	[' TRUE ', true],
	['1', false],
	['', false]
])('OTEL_SDK_DISABLED=%j disables telemetry in dev: %s', (value, expected) => {
	vi.stubEnv('OTEL_SDK_DISABLED', value);
	expect(isDisabled()).toBe(expected);
});
