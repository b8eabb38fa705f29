import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { isInherited } from '../../files/config/sampler.ts';
import { logLevel, setLogLevel } from '../../files/diagnostics/log.ts';
import type { Defaults } from '../../files/types/build-manifest.d.ts';
import { createCertificates } from '../otlp/certificates.ts';
import { readEnvironment } from './support/read-environment.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const dir = makeTempDir();
const write = (name: string, text: string): string => {
	const file = path.join(dir, name);
	writeFileSync(file, text);
	return file;
};

afterEach(() => {
	vi.unstubAllEnvs();
	setLogLevel('info');
});

/** Reads a configuration file; the lines name it as `FILE`. */
async function read(text: string, env: Record<string, string> = {}, defaults: Defaults = {}) {
	const file = write('sdk.yaml', text);
	// upstream substitutes from the process itself
	for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
	const { settings, lines } = await readEnvironment({ ...env, OTEL_CONFIG_FILE: file }, defaults);
	return { settings, lines: lines.map((line) => line.replaceAll(JSON.stringify(file), 'FILE')) };
}

test('a configuration file replaces all settings of the SDK', async () => {
	const { ca, client } = createCertificates();
	const { settings, lines } = await read(
		`
file_format: '1.0'
log_level: warn2
attribute_limits:
  attribute_count_limit: 50
  attribute_value_length_limit: 100
propagator:
  composite:
    - b3:
  composite_list: tracecontext,xray
resource:
  attributes:
    - name: service.name
      value: \${SHOP}
    - name: replicas
      value: \${REPLICAS:-3}
      type: int
  attributes_list: service.name=listed,team=web
  detection/development:
    detectors:
      - host:
      - process:
tracer_provider:
  limits:
    attribute_count_limit: 60
    event_count_limit: 7
    link_attribute_count_limit: 8
  sampler:
    parent_based:
      root:
        trace_id_ratio_based:
          ratio: 0.25
      remote_parent_not_sampled:
        always_on:
  processors:
    - batch:
        schedule_delay: 100
        export_timeout: 0
        max_queue_size: 200
        max_export_batch_size: 20
        exporter:
          otlp_http:
            endpoint: \${COLLECTOR}/v1/traces
            encoding: json
            compression: gzip
            timeout: 5000
            headers:
              - name: Api-Key
                value: \${KEY}
            headers_list: api-key=listed,tenant=a
    - simple:
        exporter:
          otlp_grpc:
            endpoint: https://collector:4317
            tls:
              ca_file: ${write('ca.pem', ca)}
              cert_file: ${write('cert.pem', client.cert)}
              key_file: ${write('key.pem', client.key)}
    - simple:
        exporter:
          console:
`,
		{ SHOP: 'shop', COLLECTOR: 'http://collector:4318', KEY: 's3cr3t' },
		{ serviceName: 'built', resourceAttributes: { team: 'built', zone: 1 }, serverTiming: true }
	);
	expect(lines).toEqual([]);
	expect(settings).toMatchObject({
		traces: {
			sampler: {
				name: 'parentbased',
				root: { name: 'traceidratio', ratio: 0.25 },
				parents: { remoteParentNotSampled: { name: 'always_on' } }
			},
			spanLimits: {
				attributeCountLimit: 60,
				attributeValueLengthLimit: 100,
				eventCountLimit: 7,
				attributePerLinkCountLimit: 8
			}
		},
		propagators: ['b3', 'tracecontext', 'xray'],
		resource: {
			attributes: { 'service.name': 'shop', replicas: 3, team: 'web', zone: 1 },
			detectors: ['host', 'process']
		},
		serverTiming: true
	});
	expect(settings!.traces!.processors).toEqual([
		{
			exporter: {
				signal: 'traces',
				protocol: 'http/json',
				url: 'http://collector:4318/v1/traces',
				headers: { 'api-key': 's3cr3t', tenant: 'a' },
				timeoutMs: 5000,
				compression: 'gzip',
				tls: {},
				isOfFile: true
			},
			batch: {
				maxQueueSize: 200,
				maxExportBatchSize: 20,
				scheduleDelayMs: 100,
				exportTimeoutMs: 2 ** 31 - 1
			}
		},
		{
			exporter: {
				signal: 'traces',
				protocol: 'grpc',
				url: 'https://collector:4317/',
				headers: {},
				timeoutMs: 10_000,
				compression: 'none',
				tls: { ca, cert: client.cert, key: client.key },
				isOfFile: true
			},
			batch: { maxQueueSize: 2048, maxExportBatchSize: 1, scheduleDelayMs: 0, exportTimeoutMs: 30_000 }
		},
		{ exporter: 'console' }
	]);
	expect(logLevel()).toBe('warn');
});

/** A configuration file with traces, and no limits. */
const CONSOLE = 'tracer_provider:\n  processors: [{ simple: { exporter: { console: } } }]\n';

test('a setting that is not in the file has the default of the schema, not the value of the environment', async () => {
	const { settings, lines } = await read(`file_format: '1.0'\n${CONSOLE}`, {}, { serviceName: 'built' });
	expect(lines).toEqual([]);
	expect(settings).toMatchObject({
		traces: {
			sampler: { name: 'parentbased', root: { name: 'always_on' } },
			processors: [{ exporter: 'console' }],
			spanLimits: {}
		},
		propagators: [],
		resource: { attributes: { 'service.name': 'built' }, detectors: [] }
	});
});

test.each([[`${CONSOLE}attribute_limits:\n  `], [`${CONSOLE}  limits:\n    `]])(
	'a length of 0 is no limit, as in the SDK, and is logged: %j',
	async (above) => {
		const { settings, lines } = await read(`file_format: '1.0'\n${above}attribute_value_length_limit: 0\n`);
		expect(lines).toEqual([expect.stringContaining('attribute_value_length_limit is 0 (no limit is used)')]);
		expect(settings!.traces!.spanLimits).toEqual({});
	}
);

test.each([
	['can be used', `file_format: '1.0'\n${CONSOLE}`, true],
	['cannot be used', 'tracer_provider: 1', undefined]
])('the settings are those of the file if it %s', async (_, text, isOfFile) => {
	expect((await read(text)).settings?.isOfFile).toBe(isOfFile);
});

test('a file without a signal is logged', async () => {
	expect(await read("file_format: '1.0'\n")).toEqual({
		settings: undefined,
		lines: ['off: FILE of OTEL_CONFIG_FILE has no provider']
	});
});

test('a file whose only reader is not supported is logged, with the reader', async () => {
	const { settings, lines } = await read(
		"file_format: '1.0'\nmeter_provider:\n  readers: [{ periodic: { exporter: { my_own: {} } } }]\n"
	);
	expect(settings).toBeUndefined();
	expect(lines).toEqual([
		'off: FILE of OTEL_CONFIG_FILE has no provider that can be used: meter_provider.readers[0].periodic.exporter.my_own is not supported. Expected a file that references the variables it needs, and has only supported settings'
	]);
});

test.each(['tracer_provider', 'logger_provider'])(
	'a processor of %s that is not supported is logged, and the app can use the provider',
	async (provider) => {
		const { settings, lines } = await read(
			`file_format: '1.0'\n${provider}:\n  processors: [{ batch: { exporter: { my_own: {} } } }]\n`
		);
		expect(settings![provider === 'tracer_provider' ? 'traces' : 'logs']).toMatchObject({ processors: [] });
		expect(lines).toEqual([
			expect.stringContaining(`${provider}.processors[0].batch.exporter.my_own is not supported`)
		]);
	}
);

test('a file can switch telemetry off', async () => {
	expect(await read("file_format: '1.0'\ndisabled: true\n")).toEqual({
		settings: undefined,
		lines: ['off: FILE of OTEL_CONFIG_FILE says disabled: true']
	});
});

test('a file of a newer minor version is used without its unknown settings', async () => {
	const { settings, lines } = await read(`
file_format: '1.2'
fancy: 1
tracer_provider:
  sampler:
    always_off:
  warp_factor: 9
  processors:
    - simple:
        exporter:
          console:
`);
	expect(settings!.traces).toMatchObject({
		sampler: { name: 'always_off' },
		processors: [{ exporter: 'console' }]
	});
	expect(lines).toEqual([
		'OTEL_CONFIG_FILE is FILE: tracer_provider.warp_factor is unknown, fancy is not supported. Expected a file that references the variables it needs, and has only supported settings'
	]);
});

describe('settings that a file omits have the defaults of the schema', () => {
	const exporting = (exporter: string, sampler = ''): string => `
file_format: '1.0'
tracer_provider:
  ${sampler}
  processors:
    - batch:
        exporter:
          ${exporter}
`;

	test('of a batch processor', async () => {
		const { settings } = await read(exporting('otlp_http:'));
		expect(settings!.traces!.processors).toEqual([
			{
				exporter: {
					signal: 'traces',
					protocol: 'http/protobuf',
					url: 'http://localhost:4318/v1/traces',
					headers: {},
					timeoutMs: 10_000,
					compression: 'none',
					tls: {},
					isOfFile: true
				},
				batch: {
					maxQueueSize: 2048,
					maxExportBatchSize: 512,
					scheduleDelayMs: 5000,
					exportTimeoutMs: 30_000
				}
			}
		]);
	});

	test.each([
		['otlp_grpc: { endpoint: "collector:4317" }', 'https://collector:4317/'],
		['otlp_grpc: { endpoint: "collector:4317", tls: { insecure: true } }', 'http://collector:4317/'],
		['otlp_grpc: { endpoint: "collector:4317", tls: { insecure: false } }', 'https://collector:4317/'],
		['otlp_grpc:', 'http://localhost:4317']
	])('of the endpoint of %s', async (exporter, url) => {
		const { settings } = await read(exporting(exporter));
		expect(settings!.traces!.processors).toMatchObject([{ exporter: { protocol: 'grpc', url } }]);
	});

	test('of a parent-based sampler without a root', async () => {
		const { settings } = await read(exporting('console:', 'sampler: { parent_based: {} }'));
		expect(settings!.traces!.sampler).toEqual({ name: 'parentbased', root: { name: 'always_on' } });
	});

	test('a sampler for local parents is used if the file has one', async () => {
		const { settings } = await read(
			exporting('console:', 'sampler: { parent_based: { local_parent_sampled: { always_off: } } }')
		);
		expect(settings!.traces!.sampler).toMatchObject({
			parents: { localParentSampled: { name: 'always_off' } }
		});
		expect(isInherited(settings!.traces!.sampler)).toBe(false);
		expect(isInherited({ name: 'parentbased', root: { name: 'always_off' } })).toBe(true);
	});
});

describe('an unusable file is logged in one line, and the variables are used', () => {
	test.each([
		[
			'tracer_provider: [',
			'is FILE, which is malformed YAML (unexpected end of the stream within a flow collection in line 1, column 19)'
		],
		[
			"file_format: '1.0'\n\tx: s3cr3t",
			'is FILE, which is malformed YAML (tab characters must not be used in indentation in line 2, column 1)'
		],
		[
			'file_format: !s3cr3t!x "1.0"',
			'is FILE, which is malformed YAML (undeclared tag handle in line 1, column 23)'
		],
		['a: 1\na: s3cr3t', 'is FILE, which is malformed YAML (duplicate key in line 2, column 1)'],
		['a: *s3cr3t', 'is FILE, which is malformed YAML (unknown alias in line 1, column 5)'],
		[
			'',
			'is FILE, which is not valid (Unsupported file_format: "undefined". Expected a "MAJOR.MINOR" version string.)'
		],
		[
			'file_format: "0.3"',
			'is FILE, which is not valid (Unsupported file_format: "0.3". This SDK supports schema version 1.x.)'
		],
		[
			"file_format: '1.0'\ntracer_provider: 3",
			'is FILE, which is not valid (/tracer_provider must be object)'
		],
		[
			"file_format: '1.0'\nresource:\n  attributes_list: ${s3 cr3t}",
			'is FILE, which is not valid (parse error: invalid env var substitution: ${…})'
		]
	])('%j', async (text, problem) => {
		const { settings, lines } = await read(text, { OTEL_TRACES_SAMPLER: 'always_off' });
		expect(lines).toEqual([
			`OTEL_CONFIG_FILE ${problem}: the other variables are used. Expected the path of a readable declarative configuration file`
		]);
		expect(settings).toMatchObject({
			traces: { sampler: { name: 'always_off' } },
			propagators: ['tracecontext', 'baggage']
		});
	});

	test.each([
		['/nowhere.yaml', 'ENOENT'],
		[dir, 'EISDIR']
	])('%s', async (file, code) => {
		const { settings, lines } = await readEnvironment({ OTEL_CONFIG_FILE: file, OTEL_SERVICE_NAME: 'shop' });
		expect(lines).toEqual([
			`OTEL_CONFIG_FILE is ${JSON.stringify(file)}, which cannot be read (${code}): the other variables are used. Expected the path of a readable declarative configuration file`
		]);
		expect(settings!.resource.attributes).toEqual({ 'service.name': 'shop' });
	});
});

test('settings of a file that are not supported are logged in one line, without secrets', async () => {
	const { settings, lines } = await read(
		`
file_format: '1.0'
meter_provider:
  readers:
    - periodic:
        exporter:
          otlp_file/development:
propagator:
  composite:
    - ottrace:
resource:
  detection/development:
    detectors:
      - container:
tracer_provider:
  sampler:
    jaeger_remote/development:
      endpoint: http://jaeger
      interval: 1000
      initial_sampler:
        always_on:
  processors:
    - batch:
        max_queue_size: 5
        max_export_batch_size: 9
        exporter:
          otlp_http:
            endpoint: user:s3cr3t@collector
            compression: zstd
            headers:
              - name: 'bad name'
                value: s3cr3t
    - simple:
        exporter:
          otlp_grpc:
            endpoint: https://collector
            tls:
              ca_file: /nowhere/ca.pem
              cert_file: /nowhere/cert.pem
    - simple:
        exporter:
          zipkin:
            endpoint: http://zipkin
`,
		{ OTEL_TRACES_SAMPLER: 'always_on', OTEL_SVELTEKIT_SERVER_TIMING: 'true' }
	);
	expect(lines).toHaveLength(1);
	expect(lines[0]!.split(/, |: /)).toEqual([
		'OTEL_CONFIG_FILE is FILE',
		'propagator.composite.ottrace is not supported',
		'tracer_provider.sampler.jaeger_remote/development is not supported (parentbased_always_on is used)',
		'tracer_provider.processors[0].batch.max_export_batch_size is more than max_queue_size (5 is used)',
		'tracer_provider.processors[0].batch.exporter.otlp_http.endpoint is not a URL (http://localhost:4318/v1/traces is used)',
		'tracer_provider.processors[0].batch.exporter.otlp_http.compression is neither gzip nor none (none is used)',
		'tracer_provider.processors[0].batch.exporter.otlp_http.headers has 1 that cannot be sent',
		'tracer_provider.processors[1].simple.exporter.otlp_grpc.tls.ca_file cannot be read (ENOENT)',
		'tracer_provider.processors[1].simple.exporter.otlp_grpc.tls.cert_file cannot be read (ENOENT)',
		'tracer_provider.processors[2].simple.exporter.zipkin is not supported',
		'meter_provider.readers[0].periodic.exporter.otlp_file/development is not supported',
		'resource.detection/development.detectors.container is not supported',
		'OTEL_TRACES_SAMPLER is ignored. Expected a file that references the variables it needs',
		'and has only supported settings'
	]);
	expect(settings!.serverTiming).toBe(true);
	expect(settings!.traces!.processors).toHaveLength(2);
});

test('a variable that the file references, or that its detector reads, is not logged as ignored', async () => {
	const { settings, lines } = await read(
		`
file_format: '1.0'
resource:
  detection/development:
    detectors:
      - service:
tracer_provider:
  processors:
    - batch:
        exporter:
          otlp_http:
            endpoint: \${OTEL_EXPORTER_OTLP_TRACES_ENDPOINT}
`,
		{ OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/v1/traces' }
	);
	expect(lines).toEqual([]);
	expect(settings!.resource.attributes).toEqual({ 'service.name': 'shop' });
	expect(settings!.traces!.processors).toMatchObject([{ exporter: { url: 'http://c:4318/v1/traces' } }]);
});

test.each([
	['trace', 'all'],
	['trace3', 'verbose'],
	['debug', 'debug'],
	['info4', 'info'],
	['error2', 'error'],
	['fatal', 'none']
])('log_level %s is %s of OTEL_LOG_LEVEL', async (severity, level) => {
	await read(`file_format: '1.0'\nlog_level: ${severity}\n`);
	expect(logLevel()).toBe(level);
});
