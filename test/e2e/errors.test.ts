import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { printTree } from '../otlp/print.ts';
import { type TreeNode, spansOf } from '../otlp/tree.ts';
import { buildApp } from '../support/app.ts';
import { matrix } from '../support/matrix.ts';
import { type RemoteClient, remoteClient } from '../support/remote.ts';
import { type TracedServer, startTraced } from '../support/traced-server.ts';
import { combinations } from './combinations.ts';

/** Every exception of a tree, by the span that has it. */
const exceptionsOf = (tree: TreeNode): string[] =>
	spansOf(tree).flatMap(({ name, events }) =>
		events.map(({ attributes }) => `${name}: ${String(attributes['exception.message'])}`)
	);

describe.each(combinations)('%s: an error in the trace', (combination) => {
	let traced: TracedServer;
	let remote: RemoteClient;

	beforeAll(async () => {
		const { build } = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
		traced = await startTraced(build);
		remote = await remoteClient(traced.server, '/remote', matrix[combination].generation);
	});

	beforeEach(() => traced.receiver.reset());

	afterAll(() => traced?.stop());

	test.each([
		['/error/unexpected', 'sveltekit.load error/unexpected/+page.server.js', 'unexpected in a load function'],
		['/error/component', 'sveltekit.render', 'unexpected in a component'],
		['/hook/unexpected', 'sveltekit.handle.sequenced.second', 'unexpected in a handle hook']
	])('%s: on the span that it began in, and on the SERVER span what it was', async (path, name, message) => {
		const { response, tree } = await traced.trace(path);
		expect(response.status).toBe(500);
		expect(exceptionsOf(tree), printTree(tree)).toEqual([`${name}: ${message}`]);
		const span = spansOf(tree).find((each) => each.name === name)!;
		expect(span.status).toEqual({ code: 'ERROR', message });
		expect(span.events[0]!.attributes).toMatchObject({
			'exception.type': 'Error',
			'exception.stacktrace': expect.stringContaining(message)
		});
		expect(tree.span.status).toEqual({ code: 'ERROR', message });
		expect(tree.span.attributes['sveltekit.error_id']).toBe(`error of ${path}`);
	});

	test('of a remote function that fails although the status is 200', async () => {
		await remote.command('failPost');
		const tree = await traced.receiver.waitForTrace(({ kind }) => kind === 'SERVER');
		const name = 'sveltekit.remote.call failPost';
		expect(exceptionsOf(tree), printTree(tree)).toEqual([`${name}: unexpected in a command`]);
		expect(spansOf(tree).find((span) => span.name === name)).toMatchObject({
			status: { code: 'ERROR', message: 'unexpected in a command' },
			attributes: { 'sveltekit.remote.call.result.type': 'unknown_error' }
		});
		const isError = Number(tree.span.attributes['http.response.status_code']) >= 500;
		expect(tree.span.status.code).toBe(isError ? 'ERROR' : 'UNSET');
		expect(tree.span.attributes['sveltekit.error_id']).toMatch(/^error of /);
	});

	test.each(['/error/expected', '/nowhere', '/redirect'])('%s is not an error', async (path) => {
		const { tree } = await traced.trace(path);
		expect(exceptionsOf(tree)).toEqual([]);
		expect(spansOf(tree).filter(({ status }) => status.code === 'ERROR')).toEqual([]);
	});

	test('an expected one is marked in attributes', async () => {
		const { tree } = await traced.trace('/error/expected');
		const load = spansOf(tree).find(({ name }) => name.startsWith('sveltekit.load error/expected'))!;
		expect(load.attributes).toMatchObject({
			'sveltekit.load.result.type': 'known_error',
			'sveltekit.load.result.status': 404
		});
	});

	test.each(['/', '/error/expected', '/nowhere'])(
		'%s has its rendering below sveltekit.resolve',
		async (path) => {
			const { tree } = await traced.trace(path);
			const named = (name: string) => spansOf(tree).filter((span) => span.name === name);
			const [render, ...more] = named('sveltekit.render');
			expect(more).toEqual([]);
			expect(render?.parentSpanId).toBe(named('sveltekit.resolve')[0]!.spanId);
		}
	);

	test('data, endpoints and files are not rendered', async () => {
		for (const path of ['/blog/a/__data.json', '/api/post/1']) {
			const { tree } = await traced.trace(path);
			expect(spansOf(tree).map(({ name }) => name)).not.toContain('sveltekit.render');
		}
	});
});
