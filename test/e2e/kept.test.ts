import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { outline } from '../otlp/outline.ts';
import { buildApp } from '../support/app.ts';
import { type TracedServer, callerSpanId, newTraceId, startTraced } from '../support/traced-server.ts';
import { combinations } from './combinations.ts';

/** On a busy machine a request that is not slow takes some hundred milliseconds. */
const SLOW_MS = 1000;

describe.each(combinations)('%s: kept traces', (combination) => {
	let build: string;
	let traced: TracedServer;

	beforeAll(async () => {
		({ build } = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] }));
		traced = await startTraced(build, {
			env: {
				OTEL_TRACES_SAMPLER: 'parentbased_always_off',
				OTEL_SVELTEKIT_KEEP_ERRORS: 'true',
				OTEL_SVELTEKIT_KEEP_SLOWER_THAN: String(SLOW_MS),
				OTEL_SVELTEKIT_IGNORE: '/hook/**'
			}
		});
	});

	beforeEach(() => traced.receiver.reset());

	afterAll(() => traced?.stop());

	const ask = async (path: string, headers: Record<string, string> = {}): Promise<void> => {
		await (await traced.server.fetch(path, { headers })).arrayBuffer();
	};
	/** The SERVER spans that have arrived by the time that one has that is asked for last, sorted. */
	const servers = async (): Promise<string[]> => {
		await ask('/error/endpoint');
		await traced.traceOf('/error/endpoint');
		return traced.receiver.spans
			.filter(({ kind, attributes }) => kind === 'SERVER' && attributes['url.path'] !== '/error/endpoint')
			.map(({ name, attributes }) => `${name} ${String(attributes['sveltekit.kept'])}`)
			.sort();
	};

	test('a failed request is exported completely, with the reason', async () => {
		await ask('/error/unexpected');
		const tree = await traced.traceOf('/error/unexpected');
		expect(tree.span.attributes['sveltekit.kept']).toBe('error');
		expect(JSON.stringify(outline(tree))).toContain('sveltekit.load error/unexpected/+page.server.js');
	});

	test('a slow request is exported, too; an event stream only if its headers are slow', async () => {
		await ask(`/slow?ms=${SLOW_MS + 50}`);
		await ask(`/stream?ms=${SLOW_MS + 50}`);
		await ask(`/sse?events=3&ms=${SLOW_MS}`);
		await ask('/slow?ms=1');
		expect(await servers()).toEqual(['GET /slow slow', 'GET /stream slow']);
	});

	test('successful, expected and ignored requests are not exported', async () => {
		for (const path of ['/', '/blog/a', '/error/expected', '/nowhere', '/redirect', '/hook/unexpected'])
			await ask(path);
		expect(await servers()).toEqual([]);
	});

	test('the caller’s flag does not prevent it, and a sampled request has no reason', async () => {
		const [sampled, unsampled] = [newTraceId(), newTraceId()];
		await ask('/error/unexpected', { traceparent: `00-${sampled}-${callerSpanId}-01` });
		await ask('/error/unexpected', { traceparent: `00-${unsampled}-${callerSpanId}-00` });
		const [theirs, kept] = [
			await traced.receiver.waitForTrace(sampled),
			await traced.receiver.waitForTrace(unsampled)
		];
		expect(theirs.span.attributes).not.toHaveProperty('sveltekit.kept');
		expect(kept.span.attributes['sveltekit.kept']).toBe('error');
		expect(outline(kept)).toEqual(outline(theirs));
	});

	test('routes can have their own ratios', async () => {
		await using own = await startTraced(build, {
			env: {
				OTEL_TRACES_SAMPLER: 'always_on',
				OTEL_SVELTEKIT_SAMPLE: '/blog/[slug]:0,/blog/**:1,/slow:0'
			}
		});
		expect(own.server.stderr()).toMatch(/; sampling \/blog\/\[slug\]:0,\/blog\/\*\*:1,\/slow:0\n$/);
		for (const path of ['/blog/a', '/slow?ms=1', '/']) await (await own.server.fetch(path)).arrayBuffer();
		await own.traceOf('/');
		expect(own.receiver.spans.filter(({ kind }) => kind === 'SERVER').map(({ name }) => name)).toEqual([
			'GET /'
		]);
	});
});
