import { diag } from '@opentelemetry/api';
import { globalErrorHandler } from '@opentelemetry/core';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { setDiagnostics } from '../../files/diagnostics/sdk-diagnostics.ts';
import { log } from '../../files/diagnostics/log.ts';
import { type Start, describeStart } from '../../files/diagnostics/startup-line.ts';
import { decide } from '../../files/entry/switch.ts';
import { captureStderr } from './support/stderr.ts';

const written = captureStderr();

afterEach(() => {
	vi.unstubAllEnvs();
	diag.disable();
});

describe('the switch', () => {
	test.each<[env: Record<string, string>, on: boolean, instrument: boolean]>([
		[{}, false, true],
		[{ PATH: '/bin', OTELX: '1' }, false, true],
		[{ OTEL_SDK_DISABLED: 'true' }, false, false],
		[{ OTEL_SDK_DISABLED: ' TRUE ', OTEL_SERVICE_NAME: 'a' }, false, false],
		[{ OTEL_SDK_DISABLED: 'false' }, true, true],
		[{ OTEL_SDK_DISABLED: 'False', OTEL_TRACES_EXPORTER: 'none' }, false, true],
		[{ OTEL_SDK_DISABLED: 'no', OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'otlp' }, true, true],
		[{ OTEL_SDK_DISABLED: '1' }, true, true],
		[{ OTEL_SDK_DISABLED: '' }, false, true],
		[{ OTEL_LOG_LEVEL: 'debug' }, false, true],
		[{ OTEL_SERVICE_NAME: 'a' }, true, true],
		[{ OTEL_SERVICE_NAME: ' ' }, false, true],
		[{ OTEL_SVELTEKIT_SERVER_TIMING: 'true' }, true, true],
		[{ OTEL_METRICS_EXPORTER: 'none' }, false, true],
		[{ OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: ' None,' }, false, true],
		[{ OTEL_METRICS_EXPORTER: 'none', OTEL_SERVICE_NAME: 'a' }, true, true],
		[{ OTEL_METRICS_EXPORTER: 'otlp' }, true, true],
		[{ OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'otlp' }, true, true],
		[
			{ OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'console' },
			true,
			true
		],
		[{ OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: '' }, false, true],
		[{ OTEL_TRACES_EXPORTER: 'none', OTEL_SERVICE_NAME: 'a' }, false, true],
		[{ OTEL_TRACES_EXPORTER: 'None' }, false, true],
		[{ OTEL_TRACES_EXPORTER: 'none, ' }, false, true],
		[{ OTEL_TRACES_EXPORTER: 'none', OTEL_CONFIG_FILE: '/x.yaml' }, true, true],
		[{ OTEL_TRACES_EXPORTER: 'otlp,none' }, true, true],
		[
			{
				OTEL_COLLECTOR_SERVICE_HOST: '10.0.0.1',
				OTEL_COLLECTOR_SERVICE_PORT: '4318',
				OTEL_COLLECTOR_SERVICE_PORT_OTLP_HTTP: '4318',
				OTEL_COLLECTOR_PORT: 'tcp://10.0.0.1:4318',
				OTEL_COLLECTOR_PORT_4318_TCP: 'tcp://10.0.0.1:4318',
				OTEL_COLLECTOR_PORT_4318_TCP_PROTO: 'tcp',
				OTEL_COLLECTOR_PORT_4318_TCP_PORT: '4318',
				OTEL_COLLECTOR_PORT_4318_TCP_ADDR: '10.0.0.1'
			},
			false,
			true
		],
		[{ OTEL_EXPORTER_PROMETHEUS_PORT: '9464' }, true, true],
		// what looks like one of those, but is a value
		[{ OTEL_RESOURCE_ATTRIBUTES: 'A_SERVICE_HOST=1' }, true, true],
		[{ OTEL_EXPORTER_OTLP_HEADERS: 'X_PORT_80_TCP=1' }, true, true],
		[{ OTEL_RESOURCE_ATTRIBUTES: 'a=b,X_PORT=tcp://10.0.0.1' }, true, true]
	])('with %j: on %s, the file of the app runs %s', (env, on, instrument) => {
		expect(decide(env, false, '24.0.0')).toMatchObject({ on, instrument });
	});

	test.each<[env: Record<string, string>, message: string | undefined, hasFile?: boolean]>([
		[{}, undefined],
		[{}, undefined, true],
		[
			{ OTEL_SDK_DISABLED: 'true' },
			'off: OTEL_SDK_DISABLED=true; src/instrumentation.server does not run. Unset OTEL_SDK_DISABLED to run it',
			true
		],
		[
			{ OTEL_SDK_DISABLED: 'true', OTEL_SERVICE_NAME: 'a' },
			'off: OTEL_SDK_DISABLED=true; OTEL_SERVICE_NAME is ignored, src/instrumentation.server does not run. Unset OTEL_SDK_DISABLED to turn telemetry on',
			true
		],
		[{ OTEL_SDK_DISABLED: 'true', OTEL_METRICS_EXPORTER: 'none' }, undefined],
		[
			{ OTEL_SDK_DISABLED: 'yes', OTEL_TRACES_EXPORTER: 'none' },
			'OTEL_SDK_DISABLED is "yes", which counts as false. Expected true or false; set it to true to switch telemetry off'
		],
		[{ OTEL_SDK_DISABLED: 'true' }, undefined],
		[{ OTEL_SDK_DISABLED: 'true', OTEL_LOG_LEVEL: 'info', OTEL_SERVICE_NAME: '' }, undefined],
		[
			{ OTEL_SDK_DISABLED: 'true', OTEL_SERVICE_NAME: 'a' },
			'off: OTEL_SDK_DISABLED=true; OTEL_SERVICE_NAME is ignored. Unset OTEL_SDK_DISABLED to turn telemetry on'
		],
		[
			{ OTEL_SDK_DISABLED: 'true', OTEL_D: '1', OTEL_C: '1', OTEL_B: '1', OTEL_A: '1' },
			'off: OTEL_SDK_DISABLED=true; OTEL_A, OTEL_B, OTEL_C and 1 more are ignored. Unset OTEL_SDK_DISABLED to turn telemetry on'
		],
		[
			{ OTEL_SDK_DISABLED: 'yes' },
			'OTEL_SDK_DISABLED is "yes", which counts as false: telemetry is on. Expected true or false; set it to true to switch telemetry off'
		],
		[{ OTEL_TRACES_EXPORTER: 'none', OTEL_SERVICE_NAME: 'a' }, undefined]
	])('with %j, says %j', (env, message, hasFile) => {
		expect(decide(env, hasFile, '24.0.0').message).toBe(message);
	});
});

describe('a message', () => {
	test.each([
		[undefined, ['error', 'warn', 'info']],
		['', ['error', 'warn', 'info']],
		['nonsense', ['error', 'warn', 'info']],
		['none', []],
		['NONE', []],
		['error', ['error']],
		[' Warn ', ['error', 'warn']],
		['debug', ['error', 'warn', 'info', 'debug']],
		['all', ['error', 'warn', 'info', 'debug', 'verbose']]
	])('with OTEL_LOG_LEVEL %j, is one of %j', (level, expected) => {
		vi.stubEnv('OTEL_LOG_LEVEL', level);
		for (const each of ['error', 'warn', 'info', 'debug', 'verbose'] as const) log(each, each);
		expect(written).toEqual(expected.map((each) => `adapter-node-otel: ${each}\n`));
	});

	test('is one line, without control characters', () => {
		log('warn', 'a\r\n\tb\u001b[31mc\u2028d\u0085e ');
		expect(written).toEqual(['adapter-node-otel: a b [31mc d e\n']);
	});

	test('does not end a process whose stderr is closed', async () => {
		const url = new URL('../../files/diagnostics/write.ts', import.meta.url).href;
		const code = `
			import { write } from ${JSON.stringify(url)};
			process.stdin.once('end', () => {
				write(process.stderr, 'one');
				setTimeout(() => { write(process.stderr, 'two'); console.log('alive'); }, 50);
			}).resume();
		`;
		const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
			env: {},
			stdio: ['pipe', 'pipe', 'pipe']
		});
		child.stderr.destroy();
		await once(child.stderr, 'close');
		child.stdin.end();
		const [[exitCode]] = await Promise.all([once(child, 'close'), once(child.stdout, 'data')]);
		expect(exitCode).toBe(0);
	});
});

describe('OpenTelemetry’s own diagnostics', () => {
	test('have our prefix, and are logged completely, once a minute', () => {
		setDiagnostics();
		diag.warn('something is odd');
		diag.warn('something is odd');
		diag.warn('span 0123456789abcdef is odd');
		diag.warn('span fedcba9876543210 is odd');
		diag
			.createComponentLogger({ namespace: 'component' })
			.error('failed:', new Error('why'), { key: 's3cr3t' });
		diag.debug('not asked for');
		expect(written).toEqual([
			'adapter-node-otel: OpenTelemetry: something is odd\n',
			'adapter-node-otel: OpenTelemetry: span 0123456789abcdef is odd\n',
			'adapter-node-otel: OpenTelemetry: component failed: why\n'
		]);
	});

	test('contain the values of their placeholders', () => {
		setDiagnostics();
		diag.warn('Schema URL must be a string, got %s. It is ignored.', 7);
		diag.createComponentLogger({ namespace: 'component' }).warn('got %s instead of %s', 'a', 'b', 'now');
		diag.warn('100% of them', 'failed');
		expect(written).toEqual([
			'adapter-node-otel: OpenTelemetry: Schema URL must be a string, got 7. It is ignored.\n',
			'adapter-node-otel: OpenTelemetry: component got a instead of b now\n',
			'adapter-node-otel: OpenTelemetry: 100% of them failed\n'
		]);
	});

	test('do not fill memory if each message differs', () => {
		setDiagnostics();
		for (let each = 0; each < 1000; each++) diag.warn(`number ${each}`);
		expect(written).toHaveLength(1000);
		// the oldest are forgotten, so the same message may be logged again
		diag.warn('number 1');
		expect(written).toHaveLength(1001);
	});

	test('show an error without its stack trace', () => {
		setDiagnostics();
		globalErrorHandler(new Error('export failed'));
		expect(written).toEqual(['adapter-node-otel: OpenTelemetry: export failed\n']);
	});
});

const sampler = { name: 'parentbased', root: { name: 'traceidratio', ratio: 0.1 } } as const;

test.each<[start: Omit<Start, 'service'>, line: string]>([
	[
		{
			traces: {
				sampler,
				exporters: ['otlp grpc to http://c:4317', 'console'],
				propagators: ['b3', 'baggage']
			},
			instrumentations: ['undici', 'pg']
		},
		'tracing shop; sampler parentbased_traceidratio 0.1; exporter otlp grpc to http://c:4317 and console; propagators b3,baggage; instrumentations undici,pg'
	],
	[
		{ traces: { sampler: 'of x', exporters: [], propagators: [] }, instrumentations: [] },
		'tracing shop; sampler of x; exporter none; propagators none; instrumentations none'
	],
	[
		{
			traces: { sampler, exporters: ['console'], propagators: ['b3'] },
			instrumentations: ['undici'],
			metrics: ['otlp http/protobuf to http://c:4318/v1/metrics every 60 s'],
			logs: ['otlp http/protobuf to http://c:4318/v1/logs']
		},
		'tracing shop; sampler parentbased_traceidratio 0.1; exporter console; propagators b3; instrumentations undici; metrics otlp http/protobuf to http://c:4318/v1/metrics every 60 s; logs otlp http/protobuf to http://c:4318/v1/logs'
	],
	[
		{ instrumentations: ['undici'], metrics: ['console every 1 s'], logs: ['console'] },
		'measuring shop; instrumentations undici; metrics console every 1 s; logs console'
	],
	[{ instrumentations: [], logs: ['console'] }, 'logging shop; instrumentations none; logs console']
])('the startup line of %j', (start, line) => {
	expect(describeStart({ service: 'shop', ...start })).toBe(line);
});
