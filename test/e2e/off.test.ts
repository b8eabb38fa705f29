import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { startReceiver } from '../otlp/receiver.ts';
import { type App, buildApp } from '../support/app.ts';
import { loadedModules } from '../support/loaded-modules.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { combinations } from './combinations.ts';

/** What a server that does its work loads on the way. */
async function work(server: RunningServer): Promise<void> {
	expect((await server.fetch('/blog/hello')).status).toBe(200);
	expect((await server.submit('/actions/named?/success')).status).toBe(200);
	expect((await server.fetch('/error/unexpected')).status).toBe(500);
}

describe.each(combinations)('%s: off is off', (combination) => {
	let app: App;
	let plain: App;

	beforeAll(async () => {
		app = await buildApp({ combination });
		plain = await buildApp({ combination, adapter: '@sveltejs/adapter-node' });
	});

	test.each([
		['nothing set', {}],
		['OTEL_SDK_DISABLED=true', { OTEL_SDK_DISABLED: 'true' }],
		[
			'OTEL_SDK_DISABLED=TRUE and an endpoint',
			{ OTEL_SDK_DISABLED: 'TRUE', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }
		],
		['OTEL_TRACES_EXPORTER=none', { OTEL_TRACES_EXPORTER: 'none' }],
		['blank variables', { OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_TRACES_SAMPLER_ARG: ' ' }],
		['only OTEL_LOG_LEVEL', { OTEL_LOG_LEVEL: 'debug' }]
	])('with %s the process reads one small file of ours and none of OpenTelemetry', async (_, env) => {
		const modules = await loadedModules(app.build, env, work);
		expect(modules.filter((file) => /opentelemetry|import-in-the-middle/.test(file))).toEqual([]);
		expect(modules.filter((file) => file.startsWith(join('build', 'otel')))).toEqual([
			join('build', 'otel', 'register.js')
		]);

		const { size } = await stat(join(app.build, 'otel', 'register.js'));
		expect(size).toBeLessThan(4096);
	});

	test('the recorder works: with telemetry on, the modules are recorded', async () => {
		await using receiver = await startReceiver();
		const modules = await loadedModules(app.build, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }, work);
		expect(modules).toContain(join('build', 'otel', 'start.js'));
		expect(modules).toContain(join('build', 'otel', 'api.js'));
	});

	test('only the two facades and register.js are loaded in addition to plain adapter-node', async () => {
		const names = (modules: string[]) => modules.map((file) => file.replace(/-[\w-]{8}\.js$/, '.js'));
		const ours = names(await loadedModules(app.build, {}, work));
		const theirs = new Set(names(await loadedModules(plain.build, {}, work)));
		const added = ours.filter((file) => !theirs.has(file));
		// up to adapter-node 5.3 the one entry imports the other
		const renamed = ['adapter-node-index.js', 'adapter-node-handler.js'].map((file) => join('build', file));
		expect(added).toContain(renamed[0]);
		expect(added.filter((file) => !renamed.includes(file))).toEqual([join('build', 'otel', 'register.js')]);
	});

	test.each([
		['nothing set', {}, ''],
		['OTEL_SDK_DISABLED=true', { OTEL_SDK_DISABLED: 'true' }, ''],
		[
			'OTEL_SDK_DISABLED=true while others are set',
			{ OTEL_SDK_DISABLED: 'true', OTEL_SERVICE_NAME: 'shop' },
			'adapter-node-otel: off: OTEL_SDK_DISABLED=true; OTEL_SERVICE_NAME is ignored. Unset OTEL_SDK_DISABLED to turn telemetry on\n'
		]
	])('with %s stderr says %j: %j', async (_, env, said) => {
		await using server = await startServer(app.build, { env });
		await server.fetch('/blog/hello');
		expect(server.stderr()).toBe(said);
	});
});
