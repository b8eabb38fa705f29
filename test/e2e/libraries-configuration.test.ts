import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { spansOf } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { withInstrumentationFile } from '../support/instrumentation-file.ts';
import { matrix } from '../support/matrix.ts';
import { startServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { combinations } from './combinations.ts';

/** On SvelteKit 2 the two are empty in this file: see the README. */
const ENVIRONMENT = {
	2: `const { env } = process; const building = false;`,
	3: `import { env } from '$env/dynamic/private'; import { building } from '$app/env';`
};

const VARIABLES = `
	import { defineEnvVars } from '@sveltejs/kit/env';

	// may be unset
	export const variables = defineEnvVars({ APP_NAME: { schema: (value) => value ?? 'none' } });
`;

const CONFIGURATION = `
	/** @satisfies {import('adapter-node-otel').ServerInstrumentation} */
	const configuration = {
		resourceAttributes: { 'app.color': 'green', 'app.shape': 'round', 'app.name': env.APP_NAME, 'app.building': building },
		spanProcessors: [
			{
				onStart: (span) => span.setAttribute('app.processed', true),
				onEnd: (span) => console.log('ended', span.name),
				forceFlush: async () => console.log('flushed'),
				shutdown: async () => console.log('shut down')
			}
		],
		sampler: (environment) => ({
			shouldSample: (...args) =>
				args[4]['url.path'] === '/api/post/7' ? { decision: 0 } : environment.shouldSample(...args),
			toString: () => 'not /api/post/7'
		}),
		requestHook: (span, req) => span.setAttribute('app.language', req.headers['accept-language']),
		responseHook: (span, res) => span.setAttribute('app.type', res.getHeader('content-type')),
		instrumentations: [
			[
				{
					instrumentationName: 'app-own',
					enable: () => console.log('enabled'),
					disable() {},
					getConfig: () => ({ enabled: false }),
					setTracerProvider(provider) {
						provider.getTracer('app-own').startSpan('at start').end();
					},
					setMeterProvider() {}
				}
			]
		]
	};

	export default async () => {
		if (process.env.APP_FAILS) throw new Error(process.env.APP_FAILS);
		if (process.env.APP_EXPORT) return JSON.parse(process.env.APP_EXPORT);
		return configuration;
	};
`;

const FAULTY = `
	const fail = () => {
		throw new Error('the app is wrong');
	};
	const reject = async () => fail();

	export default {
		spanProcessors: [{ onStart: fail, onEnding: fail, onEnd: fail, forceFlush: reject, shutdown: fail }],
		sampler: { shouldSample: fail },
		requestHook: fail,
		responseHook: reject,
		instrumentations: [
			{ instrumentationName: 'app-faulty', enable: fail, setTracerProvider: fail, getConfig: fail }
		]
	};
`;

const TO_CONSOLE = `
file_format: '1.0'
tracer_provider:
  processors: [{ simple: { exporter: { console: } } }]
`;

describe.each(combinations)('src/instrumentation.server with a configuration, %s', (combination) => {
	let app: App;
	let faulty: App;
	let receiver: Receiver;

	beforeAll(async () => {
		receiver = await startReceiver();
		const { generation } = matrix[combination];
		const options = withInstrumentationFile(combination, ENVIRONMENT[generation] + CONFIGURATION);
		app = await buildApp({
			...options,
			// gives way to the file's
			adapterOptions: { telemetry: { resourceAttributes: { 'app.color': 'red', 'app.size': 1 } } },
			files: { ...options.files, ...(generation === 3 && { 'src/env.js': VARIABLES }) }
		});
		faulty = await buildApp(withInstrumentationFile(combination, FAULTY));
	});
	afterEach(() => receiver.reset());
	afterAll(() => receiver?.stop());

	const env = (): Record<string, string> => ({
		OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
		OTEL_BSP_SCHEDULE_DELAY: '50'
	});

	test('its processors get every span once, if errors are kept', async () => {
		await using server = await startServer(app.build, {
			env: { ...env(), OTEL_TRACES_SAMPLER: 'always_off', OTEL_SVELTEKIT_KEEP_ERRORS: 'true' }
		});
		for (const path of ['/etag', '/error/unexpected']) await (await server.fetch(path)).arrayBuffer();
		await receiver.waitForTrace((span) => span.name === 'GET /error/unexpected');
		await server.stop();
		const ended = (name: string): number => server.stdout().split(`ended ${name}\n`).length - 1;
		expect(['GET /etag', 'GET /error/unexpected'].map(ended)).toEqual([1, 1]);
		expect(receiver.trees().map(({ span }) => span.name)).toEqual(['GET /error/unexpected']);
	});

	test('adds its attributes, processors, sampler, hooks and instrumentations to ours', async () => {
		await using server = await startServer(app.build, {
			env: { ...env(), OTEL_RESOURCE_ATTRIBUTES: 'app.shape=square', APP_NAME: 'tested' }
		});
		expect((await server.fetch('/api/post/7')).status).toBe(200);
		await server.fetch('/etag', { headers: { 'accept-language': 'eo' } });
		await server.stop();

		const own = await receiver.waitForTrace((span) => span.name === 'at start');
		expect(own.span.scope.name).toBe('app-own');

		const tree = await receiver.waitForTrace((span) => span.name === 'GET /etag');
		expect(spansOf(tree).map((span) => span.attributes['app.processed'])).not.toContain(undefined);
		expect(tree.span.attributes).toMatchObject({ 'app.language': 'eo', 'app.type': expect.any(String) });
		expect(tree.span.resource).toMatchObject({
			'app.color': 'green',
			'app.size': 1,
			'app.shape': 'square',
			'app.name': 'tested',
			'app.building': false
		});
		expect(receiver.spans.filter((span) => span.attributes['url.path'] === '/api/post/7')).toEqual([]);

		expect(server.stderr()).toContain('sampler of src/instrumentation.server');
		expect(server.stdout()).toMatch(/enabled\n[^]*ended GET \/etag\n[^]*flushed\n[^]*shut down\n/);
	});

	test('does not run with OTEL_SDK_DISABLED=true, and does nothing if no variable is set', async () => {
		await using disabled = await startServer(app.build, {
			env: { ...env(), OTEL_SDK_DISABLED: 'true', APP_FAILS: 'yes' }
		});
		await using off = await startServer(app.build, { env: { APP_FAILS: 'yes' } });
		for (const server of [disabled, off]) {
			expect((await server.fetch('/etag')).status).toBe(200);
			await server.stop();
			expect(server.stdout()).not.toContain('enabled');
		}
		expect(off.stderr()).toBe('');
		expect(receiver.spans).toEqual([]);
	});

	test('is logged once and ignored if it fails', async () => {
		await using server = await startServer(app.build, { env: { ...env(), APP_FAILS: 'no such luck' } });
		await server.fetch('/etag');
		await receiver.waitForTrace((span) => span.name === 'GET /etag');
		expect(
			server.stderr().match(/src\/instrumentation\.server has failed \(Error: no such luck\)/g)
		).toHaveLength(1);
	});

	test.each([
		['"text"', 'the default export of src/instrumentation.server is a string'],
		['{"sampler":3}', '`sampler` of src/instrumentation.server is invalid'],
		['{"exporter":{}}', '`exporter` of src/instrumentation.server is unknown']
	])('is logged what is wrong with %s', async (configuration, message) => {
		await using server = await startServer(app.build, { env: { ...env(), APP_EXPORT: configuration } });
		expect(server.stderr()).toContain(message);
		await server.fetch('/etag');
		await receiver.waitForTrace((span) => span.name === 'GET /etag');
	});

	test('has its sampler used with a configuration file, which has the variables ignored', async () => {
		const file = join(makeTempDir(), 'sdk.yaml');
		writeFileSync(file, TO_CONSOLE);
		await using server = await startServer(faulty.build, {
			env: { OTEL_CONFIG_FILE: file, OTEL_TRACES_SAMPLER: 'always_on' }
		});
		await server.fetch('/etag');
		await server.stop();
		expect(server.stderr()).toContain('`sampler.shouldSample` of src/instrumentation.server has failed');
		expect(server.stderr()).not.toContain('overrides');
	});

	test('never affects a request if it fails', async () => {
		await using server = await startServer(faulty.build, { env: env() });
		for (let index = 0; index < 3; index++) expect((await server.fetch('/etag')).status).toBe(200);
		await receiver.waitForSpans((spans) => spans.filter(({ name }) => name === 'GET /etag').length === 3);
		await server.stop();

		const told = server.stderr().match(/`[^`]+` of src\/instrumentation\.server has failed/g);
		expect(told?.toSorted()).toEqual(
			[
				'instrumentations: app-faulty',
				'requestHook',
				'responseHook',
				'sampler.shouldSample',
				'spanProcessors[0].forceFlush',
				'spanProcessors[0].onEnd',
				'spanProcessors[0].onEnding',
				'spanProcessors[0].onStart',
				'spanProcessors[0].shutdown'
			].map((name) => `\`${name}\` of src/instrumentation.server has failed`)
		);
	});
});
