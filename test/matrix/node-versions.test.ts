import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { startReceiver } from '../otlp/receiver.ts';
import { buildApp } from '../support/app.ts';
import { type NodeVersion, nodeBinary, nodeVersions } from '../support/node-binary.ts';
import { startServer } from '../support/server.ts';

const versions = Object.keys(nodeVersions) as NodeVersion[];

/** The least that an SDK of the app's own does: it registers a tracer provider. */
const ownSdk = (build: string): string => `
	import { ProxyTracerProvider, trace } from '${pathToFileURL(join(build, 'otel/api.js')).href}';
	trace.setGlobalTracerProvider(new ProxyTracerProvider());
`;

describe.each(['kit-2', 'kit-3'] as const)('%s', (combination) => {
	test.each(versions)(
		'Node %s builds and serves it, with nothing on stderr but our line',
		async (version) => {
			const node = await nodeBinary(version);
			const app = await buildApp({ combination, node });
			expect(app.log).not.toMatch(/adapter-node-otel:|deprecat/i);

			await using receiver = await startReceiver();
			await using server = await startServer(app.build, {
				node,
				env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '20' }
			});
			expect((await server.fetch('/blog/hello')).status).toBe(200);
			await receiver.waitForTrace(({ name }) => name === 'GET /blog/[slug]');
			expect(server.stderr()).toMatch(/^adapter-node-otel: tracing basic-app; .*\n$/);
		}
	);
});

test('on a Node that is too old, the build and the server log one line and continue', async () => {
	const node = await nodeBinary('20.19.5');
	const app = await buildApp({ combination: 'kit-2', node });
	expect(app.log.match(/adapter-node-otel: .*/g)).toEqual([
		'adapter-node-otel: Node v20.19.5 is not supported (expected >=22.17): the build continues, but on this version the server runs without telemetry. Use Node 22.17 or later'
	]);

	await using server = await startServer(app.build, { node, env: { OTEL_TRACES_EXPORTER: 'console' } });
	expect((await server.fetch('/blog/hello')).status).toBe(200);
	expect(server.stderr()).toBe(
		'adapter-node-otel: off: Node 20.19.5 cannot be traced, the server runs without telemetry. Use Node 22.17 or later\n'
	);

	// whether an SDK of the app's own runs there is for that to say
	for (const preloaded of ['', ownSdk(app.build)]) {
		const execArgv = ['--import', `data:text/javascript,${encodeURIComponent(preloaded)}`];
		await using quiet = await startServer(app.build, { node, execArgv });
		expect((await quiet.fetch('/blog/hello')).status).toBe(200);
		expect(quiet.stderr()).toBe('');
	}
});
