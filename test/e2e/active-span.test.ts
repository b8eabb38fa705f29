import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { labelOf } from '../otlp/span.ts';
import { type TreeNode, spansOf } from '../otlp/tree.ts';
import { buildApp } from '../support/app.ts';
import { matrix } from '../support/matrix.ts';
import { packPackage } from '../support/packed-package.ts';
import { type RemoteClient, remoteClient } from '../support/remote.ts';
import { type TracedServer, startTraced } from '../support/traced-server.ts';
import { combinations } from './combinations.ts';

const MARK = 'app.active.';

/** A library that marks the active span by the API that it finds, some time after it was called. */
const LIBRARY = `
	import { trace } from '@opentelemetry/api';

	export async function mark(place) {
		await new Promise((resolve) => setTimeout(resolve));
		trace.getActiveSpan()?.setAttribute(\`${MARK}\${place}\`, true);
	}
`;

/** The places in the app's code that have left their mark, and the span that each has left it on. */
function marksOf(tree: TreeNode): Record<string, string> {
	const marks = spansOf(tree).flatMap((span) => {
		const label = labelOf(span);
		const names = Object.keys(span.attributes).filter((name) => name.startsWith(MARK));
		return names.map((name): [string, string] => [name.slice(MARK.length), label]);
	});
	return Object.fromEntries(marks);
}

const hook = { hook: 'sveltekit.handle.sequenced.first' };

const page = {
	...hook,
	load: 'sveltekit.load everywhere/+page.server.js',
	'bundled package': 'sveltekit.load everywhere/+page.server.js',
	'external package': 'sveltekit.load everywhere/+page.server.js',
	'universal load': 'sveltekit.load everywhere/+page.js',
	component: 'sveltekit.render'
};

describe.each(combinations)('%s: trace.getActiveSpan()', (combination) => {
	const { generation } = matrix[combination];
	/** +server handlers have a span since SvelteKit 3.2. */
	const hasEndpoints = generation === 3 && combination !== 'kit-3-oldest';

	let traced: TracedServer;
	let remote: RemoteClient;

	beforeAll(async () => {
		const app = await buildApp({
			combination,
			overlays: ['active-span'],
			packageJson: {
				dependencies: {
					'@opentelemetry/api': '1.9.1',
					'external-package': await packPackage('external-package', { 'index.js': LIBRARY })
				},
				devDependencies: { 'bundled-package': await packPackage('bundled-package', { 'index.js': LIBRARY }) }
			}
		});
		traced = await startTraced(app.build);
		remote = await remoteClient(traced.server, '/everywhere', generation);
		await traced.traceOf('/everywhere');
	});
	beforeEach(() => traced.receiver.reset());
	afterAll(() => traced?.stop());

	test.each([
		[
			'a page: hook, load functions, packages that they call, component',
			() => traced.server.fetch('/everywhere'),
			page
		],
		[
			'a form action',
			() => traced.server.submit('/everywhere'),
			{ ...page, action: 'sveltekit.form_action default' }
		],
		[
			'an endpoint',
			() => traced.server.fetch('/everywhere/endpoint'),
			{
				...hook,
				endpoint: hasEndpoints ? 'sveltekit.endpoint GET /everywhere/endpoint' : 'sveltekit.resolve'
			}
		],
		['a remote function', () => remote.query('ask'), { ...hook, remote: 'sveltekit.remote.call ask' }]
	])('is the span of the caller, in %s', async (_, request, marks) => {
		expect((await request()).status).toBe(200);
		expect(marksOf(await traced.receiver.waitForTrace(({ kind }) => kind === 'SERVER'))).toEqual(marks);
	});
});
