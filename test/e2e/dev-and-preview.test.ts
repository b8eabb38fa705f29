import { beforeAll, describe, expect, test } from 'vitest';
import { isOfVite, namesOf } from '../dev/names.ts';
import { type TreeNode, spansOf } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { startTraced } from '../support/traced-server.ts';
import { startTracedVite } from '../support/traced-vite.ts';
import { combinations } from './combinations.ts';

/** The rest is in `test/dev`: this is the one case that every run and every combination has. */
describe.each(combinations)('%s: vite', (combination) => {
	let app: App;
	let expected: TreeNode;

	beforeAll(async () => {
		app = await buildApp({ combination, overlays: ['api'] });
		await using traced = await startTraced(app.build);
		expected = (await traced.trace('/blog/hello')).tree;
	});

	test.each(['dev', 'preview'] as const)(
		'%s makes the trace of the built server, by a variable of an .env file',
		async (command) => {
			await using vite = await startTracedVite(app, command);
			const { tree: first } = await vite.ask('/blog/hello');
			expect(namesOf(first), vite.server.output()).toEqual(namesOf(expected));
			// modules of the app are transformed when they are asked for first, and built ones never
			const modules = spansOf(first).filter(isOfVite);
			const page = 'src/routes/blog/[slug]/+page.svelte';
			expect(modules.filter(({ attributes }) => attributes['vite.module'] === page)).toHaveLength(
				command === 'dev' ? 1 : 0
			);
			const { tree: second } = await vite.ask('/blog/hello');
			expect(spansOf(second).filter(isOfVite)).toEqual([]);
			expect(Object.keys(second.span.attributes).sort()).toEqual(
				Object.keys(expected.span.attributes).sort()
			);
			expect(second.span.attributes).toMatchObject({ 'url.scheme': 'http', 'http.route': '/blog/[slug]' });
			expect(second.span.resource).toEqual(
				expect.objectContaining({ 'service.name': 'basic-app', 'service.version': '1.2.3' })
			);
		}
	);
});
