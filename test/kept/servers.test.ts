import { connect } from 'node:http2';
import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import { spansOf } from '../otlp/tree.ts';
import { buildApp } from '../support/app.ts';
import { mountFile } from '../support/mounted-file.ts';
import { callerSpanId, newTraceId, startTraced } from '../support/traced-server.ts';
import { startUpstream } from '../support/upstream.ts';

const KEEPING = { OTEL_TRACES_SAMPLER: 'parentbased_always_off', OTEL_SVELTEKIT_KEEP_ERRORS: 'true' };

const preloaded = ['--import', './build/otel/register.js'];

describe.each(['kit-2', 'kit-3'] as const)('%s', (combination) => {
	const options = { combination, overlays: ['remote', 'api', 'traces'] };

	test('errors on a public server are kept in separate traces, with a link to the caller', async () => {
		const { build } = await buildApp(options);
		await using traced = await startTraced(build, {
			env: { ...KEEPING, OTEL_SVELTEKIT_PUBLIC_ENDPOINT: 'true' }
		});
		const traceId = newTraceId();
		for (const flags of ['01', '00']) {
			traced.receiver.reset();
			const headers = { traceparent: `00-${traceId}-${callerSpanId}-${flags}` };
			for (const each of ['/', '/error/unexpected'])
				await (await traced.server.fetch(each, { headers })).arrayBuffer();
			const { span } = await traced.traceOf('/error/unexpected');
			expect(span.traceId).not.toBe(traceId);
			expect(span.attributes['sveltekit.kept']).toBe('error');
			expect(span.links).toMatchObject([{ traceId, spanId: callerSpanId }]);
			expect(traced.receiver.trees()).toHaveLength(1);
		}
	});

	test.each(['express', 'node-http', 'node-http2'])(
		'of a preloaded server with %s, errors of the server and of the app are kept',
		async (framework) => {
			const app = await buildApp({ combination, overlays: ['custom-servers'] });
			await using upstream = await startUpstream();
			await using traced = await startTraced(app.build, {
				entry: `${app.dir}/servers/whole.js`,
				execArgv: preloaded,
				env: {
					...KEEPING,
					OTEL_SVELTEKIT_IGNORE: '/error/endpoint',
					FRAMEWORK: framework,
					UPSTREAM_URL: upstream.url,
					HOST_HEADER: framework === 'node-http2' ? ':authority' : 'host'
				}
			});
			const client = framework === 'node-http2' ? connect(traced.server.url) : undefined;
			const ask = async (each: string): Promise<void> => {
				if (client) await once(client.request({ ':path': each }).resume(), 'close');
				else await (await traced.server.fetch(each)).arrayBuffer();
			};
			for (const each of ['/rest', '/blog/a', '/error/endpoint', '/error/unexpected']) await ask(each);
			const tree = await traced.traceOf('/error/unexpected');
			expect(tree.span).toMatchObject({
				name: 'GET /error/unexpected',
				attributes: { 'sveltekit.kept': 'error' }
			});
			// what the server has done before the app is in it
			expect(spansOf(tree).map(({ attributes }) => attributes['url.path'])).toContain('/error/unexpected');
			expect(spansOf(tree).filter(({ kind }) => kind === 'CLIENT')).toHaveLength(1);
			// without SvelteKit; the server of HTTP/2 does not catch what its own route throws
			const own = client ? [] : ['/broken'];
			for (const each of own) {
				await ask(each);
				await traced.traceOf(each);
			}
			const kept = traced.receiver.trees().map(({ span }) => span.attributes);
			expect(kept.map((attributes) => attributes['url.path'])).toEqual(['/error/unexpected', ...own]);
			expect(kept.every((attributes) => attributes['sveltekit.kept'] === 'error')).toBe(true);
			client?.close();
		}
	);
});

test('a file that is mounted changes what is sampled and kept, while the server runs', async () => {
	const { build } = await buildApp({ combination: 'kit-3', overlays: ['remote', 'api', 'traces'] });
	const { path: file, swap } = mountFile('sampling.env', 'OTEL_TRACES_SAMPLER_ARG=0\n');
	await using traced = await startTraced(build, { env: { OTEL_SVELTEKIT_SAMPLING_FILE: file } });
	const { server, receiver } = traced;
	const told = (text: string): Promise<void> =>
		vi.waitFor(() => expect(server.stderr()).toContain(text), { timeout: 60_000, interval: 100 });
	const ask = async (each: string): Promise<void> => void (await (await server.fetch(each)).arrayBuffer());

	expect(server.stderr()).toContain(`sampler parentbased_traceidratio 0; `);
	expect(server.stderr()).toContain(`; sampling follows ${file}\n`);
	for (const each of ['/', '/error/unexpected']) await ask(each);

	swap('OTEL_TRACES_SAMPLER_ARG=0\nOTEL_SVELTEKIT_KEEP_ERRORS=true\n');
	await told('from now on: sampler parentbased_traceidratio 0; keeping errors\n');
	for (const each of ['/', '/error/unexpected']) await ask(each);
	const kept = await traced.traceOf('/error/unexpected');
	expect(kept.span.attributes['sveltekit.kept']).toBe('error');
	expect(receiver.trees()).toHaveLength(1);

	swap('OTEL_TRACES_SAMPLER_ARG=many\n');
	await told('has changed, in which OTEL_TRACES_SAMPLER_ARG is "many"');
	await ask('/blog/a');
	swap('OTEL_TRACES_SAMPLER_ARG=1\nOTEL_SVELTEKIT_SAMPLE=/actions:0\n');
	await told('from now on: sampler parentbased_traceidratio 1; sampling /actions:0\n');
	for (const each of ['/actions', '/']) await ask(each);
	await traced.traceOf('/');
	expect(receiver.trees().map(({ span }) => span.attributes['url.path'])).toEqual(['/error/unexpected', '/']);
});
