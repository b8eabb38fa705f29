import { describe, expect, test } from 'vitest';
import { toDefaults } from '../../src/options/to-defaults.ts';

describe('the telemetry options', () => {
	test('are converted to JSON, including regular expressions', () => {
		const options = {
			serviceName: 'shop',
			resourceAttributes: { 'service.namespace': 'web', replicas: 2, canary: false },
			publicEndpoint: true,
			ignore: ['/healthz', /^\/internal\//i],
			propagateTo: [/\.example\.com$/],
			queryParameters: ['page'],
			serverTiming: true,
			shutdownTimeoutMs: 1000,
			instrumentations: {
				'@opentelemetry/instrumentation-pg': { requireParentSpan: true },
				other: false as const
			}
		};
		const defaults = toDefaults(options);
		expect(JSON.parse(JSON.stringify(defaults))).toEqual(defaults);
		expect(defaults).toEqual({
			...options,
			ignore: ['/healthz', { source: '^\\/internal\\/', flags: 'i' }],
			propagateTo: [{ source: '\\.example\\.com$', flags: '' }]
		});
	});

	test('that are undefined count as not given', () => {
		expect(toDefaults({ serviceName: undefined } as never)).toEqual({});
		expect(toDefaults()).toEqual({});
	});

	test.each([
		[{ serviceName: 7 }, '`telemetry.serviceName`: 7 (expected a string)'],
		[{ resourceAttributes: { a: {} } }, '`telemetry.resourceAttributes`: {"a":{}} (expected an object of'],
		[{ publicEndpoint: 'yes' }, '`telemetry.publicEndpoint`: "yes" (expected true or false)'],
		[
			{ ignore: '/healthz' },
			'`telemetry.ignore`: "/healthz" (expected an array of strings and regular expressions)'
		],
		[{ propagateTo: [1] }, '`telemetry.propagateTo`: [1] (expected an array of'],
		[{ queryParameters: false }, '`telemetry.queryParameters`: false (expected an array of names, or true)'],
		[{ serverTiming: 1 }, '`telemetry.serverTiming`: 1 (expected true or false)'],
		[{ shutdownTimeoutMs: -1 }, '`telemetry.shutdownTimeoutMs`: -1 (expected milliseconds'],
		[
			{ instrumentations: { pg: true } },
			'`telemetry.instrumentations`: {"pg":true} (expected an object with options'
		],
		[{ endpoint: 'http://x' }, 'unknown option `telemetry.endpoint` (expected serviceName, ']
	])('%j stops the build and says why', (options, message) => {
		expect(() => toDefaults(options as never)).toThrow(message);
	});
});
