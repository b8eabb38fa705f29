/* oxlint-disable vitest/no-standalone-expect -- the expectations are in the table, and the test calls them */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { listVariables } from '../../files/config/list-variables.ts';
import { createCertificates } from '../otlp/certificates.ts';
import { type Receiver, type ReceiverOptions, startReceiver } from '../otlp/receiver.ts';
import { buildApp } from '../support/app.ts';
import { type ProcessOutput, runTraced } from '../support/traced-process.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/*
 * Every variable of the specification, in a process of its own, against a real receiver: what is set, and
 * what that changes. The unit tests cover the settings that are read, and the lines about invalid values.
 */

let build: string;
let dir: string;
const certificates = createCertificates();
const files: Record<'ca' | 'cert' | 'key', string> = { ca: '', cert: '', key: '' };

beforeAll(async () => {
	({ build } = await buildApp({ combination: 'kit-3' }));
	dir = makeTempDir();
	const contents = { ca: certificates.ca, ...certificates.client };
	for (const [name, content] of Object.entries(contents)) {
		const file = path.join(dir, `${name}.pem`);
		await writeFile(file, content);
		files[name as keyof typeof files] = file;
	}
});

/** What is observed. */
interface Observed extends ProcessOutput {
	receiver: Receiver;
}

interface Case {
	/** Beside the endpoint of the receiver. */
	env: Record<string, string> | ((receiver: Receiver) => Record<string, string>);
	/** Default: one span. */
	code?: string;
	receiver?: ReceiverOptions;
	expect(observed: Observed): void;
}

const ONE_SPAN = `tracer.startSpan('one').end();`;

/** Runs one case; the receiver's respond and options are the case's. */
async function observe({ env, code = ONE_SPAN, receiver: options }: Case): Promise<Observed> {
	const receiver = await startReceiver({ certificates, ...options });
	try {
		const own = typeof env === 'function' ? env(receiver) : env;
		const output = await runTraced(build, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, ...own }, code);
		return { ...output, receiver };
	} finally {
		await receiver.stop();
	}
}

const resourceOf = ({ receiver }: Observed): object => receiver.spans[0]!.resource;
const namesOf = ({ receiver }: Observed): string[] => receiver.spans.map(({ name }) => name);
const saidOf = ({ stderr }: Observed): string[] => stderr.split('\n').filter(Boolean);

/** Prints the headers that a context is injected into. */
const INJECT = `
	const span = trace.setSpanContext(ROOT_CONTEXT, { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 });
	const carrier = {};
	propagation.inject(propagation.setBaggage(span, propagation.createBaggage({ tenant: { value: 'a' } })), carrier);
	console.log(JSON.stringify(Object.keys(carrier).sort()));
`;

const injects =
	(...headers: string[]): Case['expect'] =>
	({ stdout }) =>
		expect(JSON.parse(stdout)).toEqual(headers);

/** Prints how many of 1,000 traces are recorded: those that begin here, and those of sampled and unsampled callers. */
const SAMPLE = `
	const parent = (traceFlags) => trace.setSpanContext(ROOT_CONTEXT, {
		traceId: '0'.repeat(15) + '1' + 'f'.repeat(16), spanId: '2'.repeat(16), traceFlags, isRemote: true
	});
	const count = (context) => {
		let recorded = 0;
		for (let i = 0; i < 1000; i++) if (tracer.startSpan('s', {}, context).isRecording()) recorded++;
		return recorded;
	};
	console.log(JSON.stringify([count(ROOT_CONTEXT), count(parent(1)), count(parent(0))]));
`;

const samples =
	(root: number, sampledCaller: number, unsampledCaller: number): Case['expect'] =>
	({ stdout }) =>
		expect(JSON.parse(stdout)).toEqual([root, sampledCaller, unsampledCaller]);

/** One span with ten attributes, events and links, of which the first have ten attributes too. */
const LARGE_SPAN = `
	const attributes = Object.fromEntries(Array.from({ length: 10 }, (_, i) => ['a' + i, 'x'.repeat(50)]));
	const context = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
	const links = Array.from({ length: 10 }, () => ({ context, attributes }));
	const span = tracer.startSpan('large', { attributes, links });
	for (let i = 0; i < 10; i++) span.addEvent('e' + i, attributes);
	span.end();
`;

/** How much is left of it. */
const limited =
	(expected: object): Case['expect'] =>
	({ receiver: { spans } }) => {
		const { attributes, events, links } = spans[0]!;
		expect({
			attributes: Object.keys(attributes).length,
			length: String(Object.values(attributes)[0] ?? '').length,
			events: events.length,
			links: links.length,
			ofEvent: Object.keys(events[0]?.attributes ?? {}).length,
			ofLink: Object.keys(links[0]?.attributes ?? {}).length
		}).toEqual({ attributes: 10, length: 50, events: 10, links: 10, ofEvent: 10, ofLink: 10, ...expected });
	};

/** The same for the variable of all signals and the one of traces. */
const both = (
	name: string,
	value: string | ((receiver: Receiver) => string),
	rest: Omit<Case, 'env'> & { env?: Case['env'] }
): [string, Case][] =>
	['OTEL_EXPORTER_OTLP_', 'OTEL_EXPORTER_OTLP_TRACES_'].map((prefix) => [
		prefix + name,
		{
			...rest,
			env: (receiver) => ({
				...(typeof rest.env === 'function' ? rest.env(receiver) : rest.env),
				[prefix + name]: typeof value === 'function' ? value(receiver) : value
			})
		}
	]);

/** Logs are on, and a line is printed. */
const logging = (env: Case['env'], rest: Omit<Case, 'env'>): Case => ({
	code: `console.log('line');`,
	...rest,
	env: (receiver) => ({
		OTEL_TRACES_EXPORTER: 'none',
		OTEL_LOGS_EXPORTER: 'otlp',
		...(typeof env === 'function' ? env(receiver) : env)
	})
});

const bodiesOf = ({ receiver }: Observed): unknown[] => receiver.logs.map(({ body }) => body);
const arrives: Case['expect'] = (observed) => expect(bodiesOf(observed)).toEqual(['line']);

/** A record with ten attributes of ten characters. */
const LARGE_RECORD = `
	const attributes = Object.fromEntries(Array.from({ length: 10 }, (_, i) => ['a' + i, 'x'.repeat(10)]));
	logs.getLogger('unit').emit({ attributes });
`;
const hasAttributes =
	(count: number, length: number): Case['expect'] =>
	({ receiver }) => {
		const values = Object.values(receiver.logs[0]!.attributes);
		expect([values.length, String(values[0]).length]).toEqual([count, length]);
	};

const LOG_CASES: [variable: string, Case][] = [
	['OTEL_LOGS_EXPORTER', logging({}, { expect: arrives })],
	[
		'OTEL_LOGS_EXPORTER',
		logging(
			{ OTEL_LOGS_EXPORTER: 'console' },
			{
				expect: ({ stdout }) =>
					expect(JSON.parse(stdout.split('\n')[1]!)).toMatchObject({ body: 'line', severity: 'INFO' })
			}
		)
	],
	[
		'OTEL_LOGS_EXPORTER',
		logging(
			{ OTEL_LOGS_EXPORTER: 'none' },
			{ expect: ({ receiver, stderr }) => expect([receiver.requests, stderr]).toEqual([[], '']) }
		)
	],
	[
		'OTEL_BLRP_MAX_EXPORT_BATCH_SIZE',
		logging(
			{ OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '10' },
			{
				code: `for (let i = 0; i < 35; i++) console.log('line');`,
				expect: ({ receiver }) =>
					expect(receiver.requests.map((request) => request.logs.length).sort()).toEqual([10, 10, 10, 5])
			}
		)
	],
	[
		'OTEL_BLRP_MAX_QUEUE_SIZE',
		logging(
			{ OTEL_BLRP_MAX_QUEUE_SIZE: '10' },
			{
				code: `for (let i = 0; i < 1000; i++) console.log('line');`,
				expect: (observed) => {
					expect(observed.receiver.logs.length).toBeLessThanOrEqual(170);
					expect(observed.stderr).toContain('OTEL_BLRP_MAX_QUEUE_SIZE');
				}
			}
		)
	],
	[
		'OTEL_BLRP_SCHEDULE_DELAY',
		logging(
			{ OTEL_BLRP_SCHEDULE_DELAY: '20' },
			{
				code: `console.log('early'); await new Promise((resolve) => setTimeout(resolve, 500)); console.log('late');`,
				expect: ({ receiver }) => expect(receiver.requests).toHaveLength(2)
			}
		)
	],
	[
		'OTEL_BLRP_EXPORT_TIMEOUT',
		logging(
			{ OTEL_BLRP_EXPORT_TIMEOUT: '50' },
			{
				receiver: { respond: () => ({ delayMs: 1000 }) },
				expect: (observed) => expect(observed.stderr).toContain('1 log record lost')
			}
		)
	],
	[
		'OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT',
		logging(
			{ OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '3', OTEL_ATTRIBUTE_COUNT_LIMIT: '5' },
			{ code: LARGE_RECORD, expect: hasAttributes(3, 10) }
		)
	],
	[
		'OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT',
		logging(
			{ OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '6' },
			{ code: LARGE_RECORD, expect: hasAttributes(10, 4) }
		)
	],
	...(
		[
			['ENDPOINT', ({ url }) => `${url}/v1/logs`, arrives],
			[
				'PROTOCOL',
				() => 'http/json',
				({ receiver }) => expect(receiver.requests[0]).toMatchObject({ protocol: 'http/json', logs: [{}] })
			],
			[
				'HEADERS',
				() => 'api-key=a%20b',
				({ receiver }) => expect(receiver.requests[0]!.headers).toMatchObject({ 'api-key': 'a b' })
			],
			[
				'COMPRESSION',
				() => 'gzip',
				({ receiver }) =>
					expect(receiver.requests[0]).toMatchObject({ headers: { 'content-encoding': 'gzip' }, logs: [{}] })
			]
		] as [string, (receiver: Receiver) => string, Case['expect']][]
	).map(([name, value, expectation]): [string, Case] => [
		`OTEL_EXPORTER_OTLP_LOGS_${name}`,
		logging((receiver) => ({ [`OTEL_EXPORTER_OTLP_LOGS_${name}`]: value(receiver) }), { expect: expectation })
	]),
	[
		'OTEL_EXPORTER_OTLP_LOGS_TIMEOUT',
		logging(
			{ OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '50' },
			{
				receiver: { respond: () => ({ delayMs: 1000 }) },
				expect: (observed) => expect(observed.stderr).toContain('1 log record lost')
			}
		)
	],
	[
		'OTEL_EXPORTER_OTLP_LOGS_INSECURE',
		logging(
			(receiver) => ({
				OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'grpc',
				OTEL_EXPORTER_OTLP_LOGS_INSECURE: 'true',
				OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: `127.0.0.1:${receiver.grpcPort}`
			}),
			{ receiver: { grpc: true }, expect: arrives }
		)
	],
	[
		'OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE',
		logging(() => ({ OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE: files.ca }), {
			receiver: { tls: true },
			expect: arrives
		})
	],
	...['CLIENT_CERTIFICATE', 'CLIENT_KEY'].map((name): [string, Case] => [
		`OTEL_EXPORTER_OTLP_LOGS_${name}`,
		logging(
			() => ({
				OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE: files.ca,
				OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE: files.cert,
				OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY: files.key
			}),
			{ receiver: { tls: 'mutual' }, expect: arrives }
		)
	]),
	[
		'OTEL_SVELTEKIT_LOG_SEVERITY',
		logging(
			{ OTEL_SVELTEKIT_LOG_SEVERITY: 'warn' },
			{
				code: `console.info('quiet'); console.warn('line');`,
				expect: arrives
			}
		)
	],
	[
		'OTEL_SVELTEKIT_LOG_BODY_LIMIT',
		logging({ OTEL_SVELTEKIT_LOG_BODY_LIMIT: '4' }, { code: `console.log('line by line');`, expect: arrives })
	]
];

/** Metrics are on, and something is counted and timed. */
const measuring = (env: Case['env'], rest: Omit<Case, 'env'>): Case => ({
	code: `
		metrics.getMeter('unit').createCounter('orders').add(2);
		metrics.getMeter('unit').createHistogram('times').record(3);
	`,
	...rest,
	env: (receiver) => ({
		OTEL_TRACES_EXPORTER: 'none',
		OTEL_METRICS_EXPORTER: 'otlp',
		...(typeof env === 'function' ? env(receiver) : env)
	})
});

const pointOf = ({ receiver }: Observed, wanted: string): object | undefined =>
	receiver.points.findLast(({ name }) => name === wanted);
const counts: Case['expect'] = (observed) =>
	expect(pointOf(observed, 'orders')).toMatchObject({ value: 2, temporality: 2 });

const METRIC_CASES: [variable: string, Case][] = [
	['OTEL_METRICS_EXPORTER', measuring({}, { expect: counts })],
	[
		'OTEL_METRICS_EXPORTER',
		measuring(
			{ OTEL_METRICS_EXPORTER: 'console' },
			{
				expect: ({ stdout, receiver }) => {
					expect(stdout).toContain('{"name":"orders","unit":"","attributes":{},"value":2}\n');
					expect(receiver.requests).toEqual([]);
				}
			}
		)
	],
	[
		'OTEL_METRICS_EXPORTER',
		measuring(
			{ OTEL_METRICS_EXPORTER: 'none' },
			{ expect: ({ receiver, stderr }) => expect([receiver.requests, stderr]).toEqual([[], '']) }
		)
	],
	[
		'OTEL_METRIC_EXPORT_INTERVAL',
		measuring(
			{ OTEL_METRIC_EXPORT_INTERVAL: '50' },
			{
				code: `await new Promise((resolve) => setTimeout(resolve, 1000));`,
				expect: ({ receiver }) => expect(receiver.requests.length).toBeGreaterThan(2)
			}
		)
	],
	...['OTEL_METRIC_EXPORT_TIMEOUT', 'OTEL_EXPORTER_OTLP_METRICS_TIMEOUT'].map((name): [string, Case] => [
		name,
		measuring(
			{ [name]: '50' },
			{
				receiver: { respond: () => ({ fault: 'never-answer' }) },
				expect: ({ stderr }) => expect(stderr).toMatch(/no answer within (?:[1-4]?\d|50) ms/)
			}
		)
	]),
	[
		'OTEL_METRICS_EXEMPLAR_FILTER',
		measuring(
			{ OTEL_METRICS_EXEMPLAR_FILTER: 'always' },
			{
				expect: (observed) => {
					expect(saidOf(observed)[0]).toContain('OTEL_METRICS_EXEMPLAR_FILTER is "always"');
					counts(observed);
				}
			}
		)
	],
	[
		'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
		measuring(
			{ OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' },
			{
				expect: (observed) => expect(pointOf(observed, 'orders')).toMatchObject({ value: 2, temporality: 1 })
			}
		)
	],
	[
		'OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION',
		measuring(
			{ OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram' },
			{
				expect: (observed) =>
					expect(pointOf(observed, 'times')).toMatchObject({ kind: 'exponentialHistogram', count: 1, sum: 3 })
			}
		)
	],
	...['OTEL_EXPORTER_PROMETHEUS_HOST', 'OTEL_EXPORTER_PROMETHEUS_PORT'].map((name): [string, Case] => [
		name,
		measuring(
			{
				OTEL_METRICS_EXPORTER: 'prometheus',
				OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
				OTEL_EXPORTER_PROMETHEUS_PORT: '0'
			},
			{
				expect: ({ stderr }) =>
					expect(stderr).toMatch(/; metrics prometheus at http:\/\/127\.0\.0\.1:(?!9464)\d+\/metrics\n/)
			}
		)
	]),
	...(
		[
			['ENDPOINT', ({ url }) => `${url}/v1/metrics`, counts],
			[
				'PROTOCOL',
				() => 'http/json',
				(observed) => {
					expect(observed.receiver.requests[0]).toMatchObject({ protocol: 'http/json' });
					counts(observed);
				}
			],
			[
				'HEADERS',
				() => 'api-key=a%20b',
				({ receiver }) => expect(receiver.requests[0]!.headers).toMatchObject({ 'api-key': 'a b' })
			],
			[
				'COMPRESSION',
				() => 'gzip',
				(observed) => {
					expect(observed.receiver.requests[0]!.headers).toMatchObject({ 'content-encoding': 'gzip' });
					counts(observed);
				}
			]
		] as [string, (receiver: Receiver) => string, Case['expect']][]
	).map(([name, value, expectation]): [string, Case] => [
		`OTEL_EXPORTER_OTLP_METRICS_${name}`,
		measuring((receiver) => ({ [`OTEL_EXPORTER_OTLP_METRICS_${name}`]: value(receiver) }), {
			expect: expectation
		})
	]),
	[
		'OTEL_EXPORTER_OTLP_METRICS_INSECURE',
		measuring(
			(receiver) => ({
				OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc',
				OTEL_EXPORTER_OTLP_METRICS_INSECURE: 'true',
				OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: `127.0.0.1:${receiver.grpcPort}`
			}),
			{ receiver: { grpc: true }, expect: counts }
		)
	],
	[
		'OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE',
		measuring(() => ({ OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: files.ca }), {
			receiver: { tls: true },
			expect: counts
		})
	],
	...['CLIENT_CERTIFICATE', 'CLIENT_KEY'].map((name): [string, Case] => [
		`OTEL_EXPORTER_OTLP_METRICS_${name}`,
		measuring(
			() => ({
				OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE: files.ca,
				OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE: files.cert,
				OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: files.key
			}),
			{ receiver: { tls: 'mutual' }, expect: counts }
		)
	])
];

const cases: [variable: string, Case][] = [
	[
		'OTEL_SDK_DISABLED',
		{ env: { OTEL_SDK_DISABLED: 'True' }, expect: (observed) => expect(namesOf(observed)).toEqual([]) }
	],
	[
		'OTEL_SDK_DISABLED',
		{ env: { OTEL_SDK_DISABLED: 'False' }, expect: (observed) => expect(namesOf(observed)).toEqual(['one']) }
	],
	[
		'OTEL_SDK_DISABLED',
		{
			env: { OTEL_SDK_DISABLED: 'yes' },
			expect: (observed) => {
				expect(namesOf(observed)).toEqual(['one']);
				expect(saidOf(observed)[0]).toMatch(
					/^adapter-node-otel: OTEL_SDK_DISABLED is "yes", which counts as false/
				);
			}
		}
	],
	[
		'OTEL_LOG_LEVEL',
		{
			env: { OTEL_LOG_LEVEL: 'none', OTEL_TRACES_SAMPLER_ARG: 'x' },
			expect: ({ stderr }) => expect(stderr).toBe('')
		}
	],
	[
		'OTEL_LOG_LEVEL',
		{
			env: { OTEL_LOG_LEVEL: 'WARN', OTEL_TRACES_SAMPLER_ARG: 'x' },
			expect: (observed) =>
				expect(saidOf(observed)).toEqual([expect.stringContaining('OTEL_TRACES_SAMPLER_ARG is "x"')])
		}
	],
	[
		'OTEL_SERVICE_NAME',
		{
			env: { OTEL_SERVICE_NAME: 'shop' },
			expect: (observed) => expect(resourceOf(observed)).toMatchObject({ 'service.name': 'shop' })
		}
	],
	[
		'OTEL_RESOURCE_ATTRIBUTES',
		{
			env: { OTEL_RESOURCE_ATTRIBUTES: 'team=web%20shop,zone=1' },
			expect: (observed) => expect(resourceOf(observed)).toMatchObject({ team: 'web shop', zone: '1' })
		}
	],
	[
		'OTEL_NODE_RESOURCE_DETECTORS',
		{
			env: { OTEL_NODE_RESOURCE_DETECTORS: 'process' },
			expect: (observed) => {
				expect(resourceOf(observed)).toHaveProperty('process.pid');
				expect(resourceOf(observed)).not.toHaveProperty('process.command_args');
				expect(resourceOf(observed)).not.toHaveProperty('host.name');
				expect(resourceOf(observed)).not.toHaveProperty('service.instance.id');
			}
		}
	],
	['OTEL_PROPAGATORS', { env: {}, code: INJECT, expect: injects('baggage', 'traceparent') }],
	[
		'OTEL_PROPAGATORS',
		{ env: { OTEL_PROPAGATORS: 'tracecontext' }, code: INJECT, expect: injects('traceparent') }
	],
	['OTEL_PROPAGATORS', { env: { OTEL_PROPAGATORS: 'b3' }, code: INJECT, expect: injects('b3') }],
	[
		'OTEL_PROPAGATORS',
		{
			env: { OTEL_PROPAGATORS: 'b3multi' },
			code: INJECT,
			expect: injects('x-b3-sampled', 'x-b3-spanid', 'x-b3-traceid')
		}
	],
	[
		'OTEL_PROPAGATORS',
		{ env: { OTEL_PROPAGATORS: 'jaeger' }, code: INJECT, expect: injects('uber-trace-id', 'uberctx-tenant') }
	],
	[
		'OTEL_PROPAGATORS',
		{ env: { OTEL_PROPAGATORS: 'xray' }, code: INJECT, expect: injects('x-amzn-trace-id') }
	],
	['OTEL_PROPAGATORS', { env: { OTEL_PROPAGATORS: 'none' }, code: INJECT, expect: injects() }],
	[
		'OTEL_TRACES_EXPORTER',
		{
			env: { OTEL_TRACES_EXPORTER: 'console,otlp' },
			expect: (observed) => {
				expect(JSON.parse(observed.stdout)).toMatchObject({ name: 'one', kind: 'INTERNAL' });
				expect(namesOf(observed)).toEqual(['one']);
			}
		}
	],
	[
		'OTEL_TRACES_EXPORTER',
		{
			env: { OTEL_TRACES_EXPORTER: 'none' },
			expect: ({ receiver, stderr }) => expect([receiver.requests, stderr]).toEqual([[], ''])
		}
	],
	[
		'OTEL_METRICS_EXPORTER',
		{
			env: { OTEL_METRICS_EXPORTER: 'otlp' },
			expect: ({ receiver }) => {
				const paths = new Set(receiver.requests.map((request) => request.path));
				expect([...paths].sort()).toEqual(['/v1/metrics', '/v1/traces']);
			}
		}
	],
	...LOG_CASES,
	...METRIC_CASES,
	['OTEL_TRACES_SAMPLER', { env: {}, code: SAMPLE, expect: samples(1000, 1000, 0) }],
	[
		'OTEL_TRACES_SAMPLER',
		{ env: { OTEL_TRACES_SAMPLER: 'always_on' }, code: SAMPLE, expect: samples(1000, 1000, 1000) }
	],
	[
		'OTEL_TRACES_SAMPLER',
		{ env: { OTEL_TRACES_SAMPLER: 'always_off' }, code: SAMPLE, expect: samples(0, 0, 0) }
	],
	[
		'OTEL_TRACES_SAMPLER',
		{
			env: { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
			code: SAMPLE,
			expect: samples(0, 0, 0)
		}
	],
	[
		'OTEL_TRACES_SAMPLER',
		{ env: { OTEL_TRACES_SAMPLER: 'parentbased_always_on' }, code: SAMPLE, expect: samples(1000, 1000, 0) }
	],
	[
		'OTEL_TRACES_SAMPLER',
		{ env: { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }, code: SAMPLE, expect: samples(0, 1000, 0) }
	],
	[
		'OTEL_TRACES_SAMPLER',
		{
			env: { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
			code: SAMPLE,
			expect: samples(0, 1000, 0)
		}
	],
	[
		'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
		{
			env: { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' },
			code: `for (let i = 0; i < 35; i++) tracer.startSpan('s').end();`,
			expect: ({ receiver }) =>
				expect(receiver.requests.map(({ spans }) => spans.length).sort()).toEqual([10, 10, 10, 5])
		}
	],
	[
		'OTEL_BSP_MAX_QUEUE_SIZE',
		{
			env: { OTEL_BSP_MAX_QUEUE_SIZE: '10' },
			code: `for (let i = 0; i < 1000; i++) tracer.startSpan('s').end();`,
			expect: (observed) => {
				// sixteen exports of a full queue may be under way, and one waits
				expect(observed.receiver.spans.length).toBeLessThanOrEqual(170);
				expect(observed.stderr).toContain('OTEL_BSP_MAX_QUEUE_SIZE');
			}
		}
	],
	[
		'OTEL_BSP_SCHEDULE_DELAY',
		{
			env: { OTEL_BSP_SCHEDULE_DELAY: '20' },
			// by default both spans would be in one batch
			code: `
				tracer.startSpan('first').end();
				await new Promise((resolve) => setTimeout(resolve, 1000));
				tracer.startSpan('second').end();
			`,
			expect: ({ receiver }) => expect(receiver.requests.map(({ spans }) => spans.length)).toEqual([1, 1])
		}
	],
	[
		'OTEL_BSP_EXPORT_TIMEOUT',
		{
			env: { OTEL_BSP_EXPORT_TIMEOUT: '50' },
			receiver: { respond: () => ({ fault: 'never-answer' }) },
			// what is left of them when the attempt begins
			expect: ({ stderr }) => expect(stderr).toMatch(/no answer within (?:[1-4]?\d|50) ms/)
		}
	],
	[
		'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT',
		{
			env: { OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '3', OTEL_ATTRIBUTE_COUNT_LIMIT: '4' },
			code: LARGE_SPAN,
			expect: limited({ attributes: 3 })
		}
	],
	[
		'OTEL_ATTRIBUTE_COUNT_LIMIT',
		{ env: { OTEL_ATTRIBUTE_COUNT_LIMIT: '4' }, code: LARGE_SPAN, expect: limited({ attributes: 4 }) }
	],
	[
		'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
		{
			env: { OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '5', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '6' },
			code: LARGE_SPAN,
			expect: limited({ length: 5 })
		}
	],
	[
		'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
		{ env: { OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '6' }, code: LARGE_SPAN, expect: limited({ length: 6 }) }
	],
	[
		'OTEL_SPAN_EVENT_COUNT_LIMIT',
		{ env: { OTEL_SPAN_EVENT_COUNT_LIMIT: '2' }, code: LARGE_SPAN, expect: limited({ events: 2 }) }
	],
	[
		'OTEL_SPAN_LINK_COUNT_LIMIT',
		{ env: { OTEL_SPAN_LINK_COUNT_LIMIT: '2' }, code: LARGE_SPAN, expect: limited({ links: 2 }) }
	],
	[
		'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
		{ env: { OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT: '2' }, code: LARGE_SPAN, expect: limited({ ofEvent: 2 }) }
	],
	[
		'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT',
		{ env: { OTEL_LINK_ATTRIBUTE_COUNT_LIMIT: '2' }, code: LARGE_SPAN, expect: limited({ ofLink: 2 }) }
	],
	[
		'OTEL_EXPORTER_OTLP_ENDPOINT',
		{
			receiver: { tracesPath: '/base/v1/traces' },
			env: ({ url }) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/base/` }),
			expect: (observed) => expect(namesOf(observed)).toEqual(['one'])
		}
	],
	[
		'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
		{
			receiver: { tracesPath: '/custom' },
			env: ({ url }) => ({
				OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
				OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${url}/custom`
			}),
			expect: (observed) => expect(namesOf(observed)).toEqual(['one'])
		}
	],
	...(['http/protobuf', 'http/json', 'grpc'] as const).flatMap((protocol) =>
		both('PROTOCOL', protocol, {
			receiver: { grpc: true },
			env: ({ url, grpcUrl }) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? grpcUrl : url }),
			expect: ({ receiver, stderr }) => {
				expect(receiver.requests.map((request) => request.protocol)).toEqual([protocol]);
				expect(stderr).toContain(`exporter otlp ${protocol} to http://127.0.0.1:`);
			}
		})
	),
	...['http/protobuf', 'grpc'].flatMap((protocol) =>
		both('HEADERS', 'Api-Key=s3%20cr3t,x=1', {
			receiver: { grpc: true },
			env: ({ url, grpcUrl }) => ({
				OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
				OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? grpcUrl : url
			}),
			expect: ({ receiver, stderr }) => {
				expect(receiver.requests[0]!.headers).toMatchObject({ 'api-key': 's3 cr3t', x: '1' });
				expect(stderr).not.toContain('cr3t');
			}
		})
	),
	...['http/protobuf', 'http/json', 'grpc'].flatMap((protocol) =>
		both('COMPRESSION', 'gzip', {
			receiver: { grpc: true },
			env: ({ url, grpcUrl }) => ({
				OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
				OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? grpcUrl : url
			}),
			expect: (observed) => {
				expect(namesOf(observed)).toEqual(['one']);
				if (protocol !== 'grpc')
					expect(observed.receiver.requests[0]!.headers).toMatchObject({ 'content-encoding': 'gzip' });
			}
		})
	),
	...['http/protobuf', 'grpc'].flatMap((protocol) =>
		both('TIMEOUT', '80', {
			receiver: { grpc: true, respond: () => ({ fault: 'never-answer' }) },
			env: ({ url, grpcUrl }) => ({
				OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
				OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? grpcUrl : url
			}),
			// a gRPC server knows the client's timeout, and may end the call first
			expect: ({ stderr }) => expect(stderr).toMatch(/no answer within (?:[1-7]?\d|80) ms|DEADLINE_EXCEEDED/)
		})
	),
	...['http/protobuf', 'grpc'].flatMap((protocol) => [
		...both('CERTIFICATE', () => files.ca, {
			receiver: { grpc: true, tls: true },
			env: ({ url, grpcUrl }) => ({
				OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
				OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? grpcUrl : url
			}),
			expect: (observed) => expect(namesOf(observed)).toEqual(['one'])
		}),
		...both('CLIENT_CERTIFICATE', () => files.cert, {
			receiver: { grpc: true, tls: 'mutual' },
			env: ({ url, grpcUrl }) => ({
				OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
				OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? grpcUrl : url,
				OTEL_EXPORTER_OTLP_CERTIFICATE: files.ca,
				OTEL_EXPORTER_OTLP_CLIENT_KEY: files.key
			}),
			expect: (observed) => expect(namesOf(observed)).toEqual(['one'])
		}),
		...both('CLIENT_KEY', () => files.key, {
			receiver: { grpc: true, tls: 'mutual' },
			env: ({ url, grpcUrl }) => ({
				OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
				OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? grpcUrl : url,
				OTEL_EXPORTER_OTLP_CERTIFICATE: files.ca,
				OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: files.cert
			}),
			expect: (observed) => expect(namesOf(observed)).toEqual(['one'])
		})
	]),
	...both('INSECURE', 'true', {
		receiver: { grpc: true },
		env: ({ grpcPort }) => ({
			OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
			OTEL_EXPORTER_OTLP_ENDPOINT: `127.0.0.1:${grpcPort}`
		}),
		expect: (observed) => expect(namesOf(observed)).toEqual(['one'])
	})
];

describe.concurrent('one process for each variable:', () => {
	test.each(cases)('%s', async (_, each) => {
		each.expect(await observe(each));
	});

	test('OTEL_CONFIG_FILE', async () => {
		const file = path.join(dir, 'sdk.yaml');
		await writeFile(
			file,
			`
file_format: '1.0'
resource:
  attributes:
    - name: service.name
      value: \${SHOP}
tracer_provider:
  processors:
    - batch:
        exporter:
          otlp_http:
            endpoint: \${OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces
            encoding: json
`
		);
		const observed = await observe({ env: { OTEL_CONFIG_FILE: file, SHOP: 'shop' }, expect: () => {} });
		expect(resourceOf(observed)).toMatchObject({ 'service.name': 'shop' });
		expect(observed.receiver.requests.map(({ protocol }) => protocol)).toEqual(['http/json']);
		expect(saidOf(observed)).toEqual([
			`adapter-node-otel: tracing shop; sampler parentbased_always_on; exporter otlp http/json to ${observed.receiver.url}/v1/traces; propagators none; instrumentations undici`
		]);
	});

	test('OTEL_CONFIG_FILE with a meter provider alone', async () => {
		const file = path.join(dir, 'meters.yaml');
		await writeFile(
			file,
			`
file_format: '1.0'
resource: { attributes: [{ name: service.name, value: shop }] }
meter_provider:
  readers:
    - periodic:
        interval: 30000
        exporter:
          otlp_http:
            endpoint: \${OTEL_EXPORTER_OTLP_ENDPOINT}/v1/metrics
            temporality_preference: delta
    - pull: { exporter: { prometheus/development: { host: 127.0.0.1, port: 0 } } }
  views:
    - selector: { instrument_name: orders }
      stream: { name: sold, attribute_keys: { included: ['shop.*'] } }
`
		);
		const observed = await observe({
			env: { OTEL_CONFIG_FILE: file },
			code: `metrics.getMeter('unit').createCounter('orders').add(2, { 'shop.kind': 'book', user: 7 });`,
			expect: () => {}
		});
		expect(pointOf(observed, 'sold')).toMatchObject({
			value: 2,
			temporality: 1,
			attributes: { 'shop.kind': 'book' },
			resource: { 'service.name': 'shop' }
		});
		expect(observed.stderr).toMatch(
			/^adapter-node-otel: measuring shop; instrumentations undici; metrics otlp http\/protobuf to \S+\/v1\/metrics every 30 s and prometheus at http:\/\/127\.0\.0\.1:\d+\/metrics\n$/
		);
	});

	test('OTEL_CONFIG_FILE with disabled: true', async () => {
		const file = path.join(dir, 'off.yaml');
		await writeFile(file, "file_format: '1.0'\ndisabled: true\n");
		const observed = await observe({ env: { OTEL_CONFIG_FILE: file }, expect: () => {} });
		expect(observed.receiver.requests).toEqual([]);
		expect(saidOf(observed)).toEqual([
			`adapter-node-otel: off: ${JSON.stringify(file)} of OTEL_CONFIG_FILE says disabled: true`
		]);
	});

	test.each([
		['0.1', 0.1],
		['0', 0],
		['1', 1]
	])('OTEL_TRACES_SAMPLER_ARG=%s alone, over 20,000 traces', async (ratio, expected) => {
		const { stdout } = await observe({
			// what is recorded is not what is asked here
			env: { OTEL_TRACES_SAMPLER_ARG: ratio, OTEL_TRACES_EXPORTER: 'console' },
			code: `
				let recorded = 0;
				for (let i = 0; i < 20000; i++) if (tracer.startSpan('s', {}, ROOT_CONTEXT).isRecording()) recorded++;
				console.log('recorded: ' + recorded);
			`,
			expect: () => {}
		});
		const deviation = Math.sqrt(20_000 * expected * (1 - expected));
		// at the end, some of the spans are ended and printed, too
		const recorded = Number(/^recorded: (\d+)$/m.exec(stdout)?.[1]);
		expect(Math.abs(recorded - 20_000 * expected)).toBeLessThanOrEqual(4 * deviation);
	});

	/** Tested where they belong: with requests, and with libraries. */
	const ELSEWHERE = /^OTEL_(SVELTEKIT_|NODE_(EN|DIS)ABLED_INSTRUMENTATIONS|INSTRUMENTATION_HTTP_)/;

	test('all variables are tested', () => {
		const tested = new Set([...cases.map(([name]) => name), 'OTEL_CONFIG_FILE', 'OTEL_TRACES_SAMPLER_ARG']);
		const names = listVariables().map(({ name }) => name);
		expect(names.filter((name) => !tested.has(name) && !ELSEWHERE.test(name))).toEqual([]);
	});
});
