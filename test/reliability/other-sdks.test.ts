import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { startReceiver } from '../otlp/receiver.ts';
import { type App, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { combinations } from './form.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const resolve = (name: string): string => import.meta.resolve(name);

/** A preloaded module that sets up another SDK, which prints the spans that it gets. */
const foreign = `
import { trace, context, propagation } from ${JSON.stringify(resolve('@opentelemetry/api'))};
import { TracerProvider } from ${JSON.stringify(resolve('@opentelemetry/sdk-trace'))};
import { AsyncLocalStorageContextManager } from ${JSON.stringify(resolve('@opentelemetry/context-async-hooks'))};
import { W3CTraceContextPropagator } from ${JSON.stringify(resolve('@opentelemetry/core'))};

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
trace.setGlobalTracerProvider(new TracerProvider({
	spanProcessors: [{
		onStart() {},
		onEnd: (span) => console.log('foreign span ' + span.name),
		forceFlush: async () => {},
		shutdown: async () => {}
	}]
}));
`;

describe.each(combinations)('%s', (combination) => {
	let app: App;
	let dir: string;

	beforeAll(async () => {
		app = await buildApp({ combination });
		dir = makeTempDir();
	});

	const ours = (stderr: string): string[] =>
		stderr.split('\n').filter((line) => line.startsWith('adapter-node-otel: '));

	test.each<[string, (register: string) => { env?: Record<string, string>; execArgv?: string[] }]>([
		['--import', (register) => ({ execArgv: ['--import', register] })],
		['NODE_OPTIONS', (register) => ({ env: { NODE_OPTIONS: `--import ${register}` } })],
		['--import under another URL', (register) => ({ execArgv: ['--import', `${register}?again`] })]
	])('telemetry that is preloaded too (%s) starts once', async (_, preload) => {
		await using receiver = await startReceiver();
		const { env, execArgv = [] } = preload(pathToFileURL(join(app.build, 'otel/register.js')).href);
		const server = await startServer(app.build, {
			env: { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
			execArgv
		});
		expect((await server.fetch('/blog/twice')).status).toBe(200);
		expect(await server.stop()).toEqual({ code: 0, signal: null });

		expect(ours(server.stderr())).toEqual([expect.stringContaining('tracing basic-app')]);
		expect(receiver.trees()).toHaveLength(1);
		const ids = receiver.spans.map(({ spanId }) => spanId);
		expect(new Set(ids).size).toBe(ids.length);
	});

	test('an SDK that was registered before is used for tracing: one line, no duplicate spans', async () => {
		const file = join(dir, 'foreign.mjs');
		await writeFile(file, foreign);
		await using receiver = await startReceiver();
		const server = await startServer(app.build, {
			env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
			execArgv: ['--import', pathToFileURL(file).href]
		});
		expect((await server.fetch('/blog/theirs')).status).toBe(200);
		expect(await server.stop()).toEqual({ code: 0, signal: null });

		expect(ours(server.stderr())).toEqual([
			expect.stringContaining('an OpenTelemetry SDK is already registered')
		]);
		expect(server.stdout()).toContain('foreign span sveltekit.handle.root');
		expect(receiver.requests).toEqual([]);
	});

	test('an SDK that starts later does not replace ours: one line, no crash', async () => {
		await using receiver = await startReceiver();
		const late = await buildApp({
			combination,
			files: {
				'src/hooks.server.js': `
					import { trace } from '@opentelemetry/api';
					const noop = trace.getTracer('late');
					for (let again = 0; process.env.LATE_SDK && again < 3; again++) {
						trace.setGlobalTracerProvider({ getTracer: () => noop });
					}`
			}
		});
		const server = await startServer(late.build, {
			env: { LATE_SDK: '1', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
		});
		expect((await server.fetch('/blog/late')).status).toBe(200);
		expect(await server.stop()).toEqual({ code: 0, signal: null });
		expect(ours(server.stderr())).toEqual([
			expect.stringContaining('tracing basic-app'),
			expect.stringContaining('duplicate registration of API: trace')
		]);
		expect(receiver.trees()).toHaveLength(1);
	});
});
