import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import type { ReceivedSpan } from '../otlp/span.ts';
import { spansOf } from '../otlp/tree.ts';
import { type Answer, type TracedVite, envFile, startTracedVite } from '../support/traced-vite.ts';
import { buildDevApp } from './app.ts';
import { namesOf } from './names.ts';

const PAGE = 'src/routes/blog/[slug]/+page.server.js';

/** A load function whose data and span say which version of it has run. */
const load = (version: string): string => `
export async function load({ fetch, params, tracing }) {
	tracing.current.setAttribute('app.version', '${version}');
	const response = await fetch(\`/api/post/\${params.slug}\`);
	return { post: { ...(await response.json()), id: '${version}' } };
}
`;

const hooks = (name: string): string => `
import { sequence } from '@sveltejs/kit/hooks';
const ${name} = ({ event, resolve }) => resolve(event);
export const handle = sequence(${name}, async ({ event, resolve }) => resolve(event));
`;

describe.each(combinations)('%s: an app that changes while it runs in vite dev', (combination) => {
	let vite: TracedVite;
	let before: unknown;

	beforeAll(async () => {
		vite = await startTracedVite(await buildDevApp(combination), 'dev');
		before = namesOf((await vite.ask('/blog/first')).tree);
	});

	afterAll(() => vite?.stop());

	/** Asks until the answer is as wanted: Vite notices a change on its own. */
	const askUntil = async (path: string, isWanted: (answer: Answer) => boolean): Promise<Answer> => {
		const deadline = Date.now() + 30_000;
		for (;;) {
			const answer = await vite.ask(path).catch((error: unknown) => {
				// Vite closes the server before it starts a new one
				if (Date.now() > deadline) throw error;
				return undefined;
			});
			if (answer && isWanted(answer)) return answer;
			if (Date.now() > deadline)
				throw new Error(`${answer?.status} ${answer?.body}\n${vite.server.output()}`);
		}
	};

	const startLines = (): number => vite.server.output().match(/adapter-node-otel: tracing /g)?.length ?? 0;

	test('a changed load function is traced once', async () => {
		await vite.copy.write(PAGE, load('second'));
		const { tree } = await askUntil('/blog/first', ({ body }) => body.includes('second'));
		expect(namesOf(tree)).toEqual(before);
		const versions = spansOf(tree).map(({ attributes }) => attributes['app.version']);
		expect(versions.filter(Boolean)).toEqual(['second']);
	});

	test('a changed hook is traced once', async () => {
		await vite.copy.write('src/hooks.server.js', hooks('renamed'));
		const isRenamed = ({ name }: ReceivedSpan): boolean => name === 'sveltekit.handle.sequenced.renamed';
		const { tree } = await askUntil('/root', (answer) => spansOf(answer.tree).some(isRenamed));
		expect(spansOf(tree).filter(isRenamed)).toHaveLength(1);
		expect(spansOf(tree).filter(({ kind }) => kind === 'SERVER')).toHaveLength(1);
	});

	test('a syntax error is an error in the trace, until it is fixed', async () => {
		await vite.copy.write(PAGE, 'export async function load( {');
		const { tree } = await askUntil('/blog/first', ({ status }) => status === 500);
		expect(tree.span.status.code).toBe('ERROR');
		await vite.copy.write(PAGE, load('repaired'));
		const repaired = await askUntil('/blog/first', ({ body }) => body.includes('repaired'));
		expect(repaired.tree.span.status.code).toBe('UNSET');
		const versions = spansOf(repaired.tree).map(({ attributes }) => attributes['app.version']);
		expect(versions.filter(Boolean)).toEqual(['repaired']);
	});

	test('after a restart of Vite tracing continues, and nothing is logged again', async () => {
		const expected = namesOf((await vite.ask('/blog/first')).tree);
		const lines = startLines();
		for (const times of [1, 2]) {
			await vite.copy.touchConfig();
			await vite.server.waitForOutput(new RegExp(`(?:server restarted[^]*){${times}}`), {
				timeoutMs: 30_000
			});
		}
		const { tree } = await askUntil('/blog/first', () => true);
		expect(namesOf(tree)).toEqual(expected);
		expect(startLines()).toBe(lines);
	});

	test('a changed .env file is read again', async () => {
		await vite.copy.write('.env', envFile(vite.receiver, 'OTEL_SERVICE_NAME=renamed'));
		const { tree } = await askUntil(
			'/blog/first',
			({ tree: { span } }) => span.resource['service.name'] === 'renamed'
		);
		expect(new Set(spansOf(tree).map(({ resource }) => resource['service.name']))).toEqual(
			new Set(['renamed'])
		);

		vite.receiver.reset();
		await vite.copy.write('.env', '');
		await expect
			.poll(async () => (await (await vite.server.fetch('/root')).text()).includes('isRecording:false'), {
				timeout: 30_000
			})
			.toBe(true);
		await vite.copy.write('.env', envFile(vite.receiver));
		const again = await askUntil(
			'/blog/first',
			({ tree: { span } }) => span.resource['service.name'] === 'basic-app'
		);
		expect(spansOf(again.tree).filter(({ kind }) => kind === 'SERVER')).toHaveLength(1);
		expect(vite.server.output()).not.toContain('MaxListenersExceededWarning');
	});
});
