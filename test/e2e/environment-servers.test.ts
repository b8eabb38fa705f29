import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { adversarialEnvironments } from '../support/adversarial-environment.ts';
import { type App, buildApp } from '../support/app.ts';
import { loadedModules } from '../support/loaded-modules.ts';
import { startServer } from '../support/server.ts';
import { combinations } from './combinations.ts';

/* What the environment means to a server, not only to the settings that are read from it. */

/** Each is a process, of a quarter of a second on two idle cores: `npm run test:environments` starts 300. */
const COUNT = Number(process.env['ENVIRONMENTS'] ?? 12);
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const AT_ONCE = 3;

/** Code that several chunks share is in chunks with other names. */
const SHARED = new Set([
	'attempt.js',
	'protobuf-reader.js',
	'proxy.js',
	'transport.js',
	'raise-registry.js',
	'kit-names.js',
	'requests.js',
	'destination.js',
	'batches.js',
	'protobuf-batch.js',
	'json-batch.js',
	'decode-response.js',
	'span-size.js',
	'value-size.js',
	'opentelemetry-core.js',
	'opentelemetry-core2.js',
	'opentelemetry-core3.js',
	'opentelemetry-core4.js',
	'sdk-metrics.js',
	'sdk-metrics2.js',
	'sdk-metrics3.js'
]);

/** What a process reads is bounded where nothing is asked for but OTLP: `budgets.test.ts`, and the build's own file. */
const DEFAULT_PATH_BYTES = 148 * 1024;
const GRPC_PATH_BYTES = 156 * 1024;

describe.each(combinations.slice(-1))('%s', (combination) => {
	let app: App;
	let receiver: Receiver;

	beforeAll(async () => {
		app = await buildApp({ combination });
		receiver = await startReceiver({ grpc: true });
	});

	afterAll(async () => {
		await receiver?.stop();
	});

	const always = [
		'register.js',
		'start.js',
		'start-traces.js',
		'api.js',
		'build-manifest.js',
		'last-export.js',
		'machine-id-linux.js'
	];

	test
		.runIf(process.platform === 'linux')
		.each<[what: string, env: (receiver: Receiver) => Record<string, string>, chunks: string[]]>([
			['nothing set', () => ({}), ['register.js']],
			[
				'OTLP',
				({ url }) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url }),
				[...always, 'last-export-http.js', 'spans-protobuf.js', 'http-transport.js']
			],
			[
				'OTLP/JSON',
				({ url }) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }),
				[...always, 'last-export-http.js', 'spans-json.js', 'http-transport.js']
			],
			[
				'OTLP/gRPC',
				({ grpcUrl }) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: grpcUrl, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }),
				[...always, 'last-export-grpc.js', 'spans-protobuf.js', 'grpc-transport.js']
			],
			[
				'the console',
				() => ({ OTEL_TRACES_EXPORTER: 'console' }),
				[...always, 'last-export-http.js', 'console-spans.js']
			],
			[
				'few propagators and no detector',
				({ url }) => ({
					OTEL_EXPORTER_OTLP_ENDPOINT: url,
					OTEL_PROPAGATORS: 'b3,jaeger,xray',
					OTEL_NODE_RESOURCE_DETECTORS: 'none'
				}),
				[
					...always.slice(0, -1),
					'last-export-http.js',
					'spans-protobuf.js',
					'http-transport.js',
					'propagator-b3.js',
					'propagator-jaeger.js',
					'propagator-xray.js'
				]
			],
			[
				'a configuration file that is not there',
				({ url }) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_CONFIG_FILE: '/nowhere.yaml' }),
				[
					...always,
					'last-export-http.js',
					'spans-protobuf.js',
					'http-transport.js',
					'config-file.js',
					'read.js',
					'variables-metrics.js',
					// its sampler is watched while the server runs
					'watch-files.js',
					'sampling-file.js',
					'keep-traces.js'
				]
			]
		])('with %s, it reads what is asked for', async (_, env, chunks) => {
		const modules = await loadedModules(app.build, env(receiver), async (server) => {
			expect((await server.fetch('/blog/hello')).status).toBe(200);
		});
		const own = modules.filter((file) => file.startsWith(join('build', 'otel')));
		const read = own.map((file) => basename(file)).filter((name) => !SHARED.has(name));
		expect(read.sort()).toEqual([...chunks].sort());

		const sizes = await Promise.all(own.map((file) => stat(join(app.build, '..', file))));
		const bytes = sizes.reduce((sum, { size }) => sum + size, 0);
		const isExtra = chunks.some((chunk) => /^(config-file|propagator-)/.test(chunk));
		const bound = chunks.includes('grpc-transport.js') ? GRPC_PATH_BYTES : DEFAULT_PATH_BYTES;
		expect(bytes).toBeLessThan(isExtra ? Infinity : bound);
	});

	test('two servers with the same ratio sample the same traces', async () => {
		const env = {
			OTEL_TRACES_SAMPLER: 'traceidratio',
			OTEL_TRACES_SAMPLER_ARG: '0.3',
			OTEL_BSP_SCHEDULE_DELAY: '20'
		};
		const ids = Array.from({ length: 200 }, (_, index) =>
			((BigInt(index + 1) * 0x9e3779b97f4a7c15f39cc0605cedc835n) % (1n << 128n))
				.toString(16)
				.padStart(32, '0')
		);
		const keep = async (): Promise<string[]> => {
			await using own = await startReceiver();
			const server = await startServer(app.build, { env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: own.url } });
			await Promise.all(
				ids.map((id) => server.fetch('/etag', { headers: { traceparent: `00-${id}-00f067aa0ba902b7-00` } }))
			);
			// which exports the rest
			await server.stop();
			return [...new Set(own.spans.map(({ traceId }) => traceId))].sort();
		};
		const [first, second] = await Promise.all([keep(), keep()]);
		expect(first).toEqual(second);
		expect(first.length).toBeGreaterThan(30);
		expect(first.length).toBeLessThan(90);
	});

	test('logs its configuration in one line, and nothing else', async () => {
		await using server = await startServer(app.build, {
			env: {
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url.replace('//', '//user:s3cr3t@'),
				OTEL_EXPORTER_OTLP_HEADERS: 'api-key=s3cr3t',
				OTEL_SERVICE_NAME: 'shop',
				OTEL_TRACES_SAMPLER_ARG: '0.5',
				OTEL_TRACES_EXPORTER: 'otlp,console',
				OTEL_PROPAGATORS: 'b3,tracecontext'
			}
		});
		expect((await server.fetch('/blog/hello')).status).toBe(200);
		expect(server.stderr()).toBe(
			`adapter-node-otel: tracing shop; sampler parentbased_traceidratio 0.5; exporter otlp http/protobuf to ${receiver.url}/v1/traces and console; propagators b3,tracecontext; instrumentations undici\n`
		);
	});

	test('logs one line for each invalid value, and serves', async () => {
		const env = {
			OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318',
			OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/v1/traces',
			OTEL_EXPORTER_OTLP_HEADERS: 's3cr3t',
			OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/ca.pem',
			OTEL_EXPORTER_OTLP_TIMEOUT: '10s',
			OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd',
			OTEL_TRACES_SAMPLER_ARG: '10%',
			OTEL_TRACES_SAMPLER: 'some',
			OTEL_PROPAGATORS: 'ottrace',
			OTEL_BSP_SCHEDULE_DELAY: '0,1',
			OTEL_SPAN_EVENT_COUNT_LIMIT: '-1',
			OTEL_RESOURCE_ATTRIBUTES: 'a',
			OTEL_METRICS_EXPORTER: 'statsd',
			OTEL_SERVICE_NAME: ' ',
			OTEL_LOG_LEVEL: 'loud',
			OTEL_SDK_DISABLED: 'no',
			OTEL_CONFIG_FILE: '/nowhere.yaml'
		};
		const { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: _valid, ...bad } = env;
		await using server = await startServer(app.build, { env });
		expect((await server.fetch('/blog/hello')).status).toBe(200);

		const lines = server.stderr().split('\n').slice(0, -1);
		const subjects = lines.map((line) => /^adapter-node-otel: (OTEL_\w+|\w+)/.exec(line)?.[1]);
		// the collector is not there, which may have been logged by now
		expect(subjects.filter((name) => name !== 'collector').sort()).toEqual(
			[...Object.keys(bad), 'tracing'].sort()
		);
		expect(server.stderr()).not.toContain('s3cr3t');
		server.signal('SIGKILL');
	});

	test(
		`the server starts and answers in any environment (ENVIRONMENTS=${COUNT} SEED=${seed})`,
		{ timeout: 20_000 + COUNT * 5000 },
		async () => {
			const environments = [...adversarialEnvironments(seed, COUNT)];
			const work = async (): Promise<void> => {
				for (let next = environments.pop(); next; next = environments.pop()) {
					const { env, secrets } = next;
					const server = await startServer(app.build, { env }).catch((error: unknown) => {
						throw new Error(`${JSON.stringify(env)} does not start`, { cause: error });
					});
					const { status } = await server.fetch('/blog/hello');
					// what is exported at the end, and how long that takes, is not asked here
					server.signal('SIGKILL');
					await server.exited;
					const said = server.stdout() + server.stderr();
					expect({ env, status, shown: secrets.filter((secret) => said.includes(secret)) }).toEqual({
						env,
						status: 200,
						shown: []
					});
				}
			};
			await Promise.all(Array.from({ length: AT_ONCE }, work));
		}
	);
});
