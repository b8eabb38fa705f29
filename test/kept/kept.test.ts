import { Agent, request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { type ReceivedSpan, startReceiver } from '../otlp/receiver.ts';
import { isComplete, spansOf, toTrees } from '../otlp/tree.ts';
import { createRandom } from '../support/random.ts';
import { buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';

const REQUESTS = 10_000;
const ERRORS = 100;
const SLOW = 50;
const RATIO = 0.01;
const SLOW_MS = 500;
const CONNECTIONS = 16;

/** What is asked for, in an order of its own. */
function mix(): string[] {
	const random = createRandom(11);
	const paths = Array.from({ length: REQUESTS }, (_, index) =>
		index < ERRORS
			? '/error/unexpected'
			: index < ERRORS + SLOW
				? `/slow?ms=${SLOW_MS + 100}`
				: index % 2 === 0
					? `/api/post/${index}`
					: '/blog/a'
	);
	for (let index = paths.length - 1; index > 0; index--) {
		const other = Math.floor(random() * (index + 1));
		[paths[index], paths[other]] = [paths[other]!, paths[index]!];
	}
	return paths;
}

/** Asks for all of them, over a few connections at once. */
async function askAll(url: string, paths: string[]): Promise<void> {
	const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
	const ask = (path: string): Promise<void> =>
		new Promise((resolve, reject) => {
			request(url + path, { agent }, (response) => response.resume().once('end', resolve))
				.once('error', reject)
				.end();
		});
	const waiting = [...paths];
	await Promise.all(
		Array.from({ length: CONNECTIONS }, async () => {
			for (let path = waiting.pop(); path; path = waiting.pop()) await ask(path);
		})
	);
	agent.destroy();
}

describe.each(['kit-2', 'kit-3'] as const)('%s', (combination) => {
	test(`of ${REQUESTS} requests at a ratio of ${RATIO}, all ${ERRORS} errors and ${SLOW} slow ones arrive whole`, async () => {
		const { build } = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
		const receiver = await startReceiver();
		const server = await startServer(build, {
			env: {
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
				OTEL_TRACES_SAMPLER_ARG: String(RATIO),
				OTEL_SVELTEKIT_KEEP_ERRORS: 'true',
				OTEL_SVELTEKIT_KEEP_SLOWER_THAN: String(SLOW_MS)
			}
		});
		await askAll(server.url, mix());
		// what is left goes at SIGTERM
		await server.stop();

		const servers = receiver.spans.filter(({ kind }) => kind === 'SERVER');
		const at = (path: string): ReceivedSpan[] =>
			servers.filter(({ attributes }) => attributes['url.path'] === path);
		const kept = (spans: ReceivedSpan[]): unknown[] => [
			...new Set(spans.map(({ attributes }) => attributes['sveltekit.kept']))
		];
		const [errors, slow] = [at('/error/unexpected'), at('/slow')];
		expect(errors).toHaveLength(ERRORS);
		expect(slow).toHaveLength(SLOW);
		// one in a hundred of them the sampler had chosen
		expect(kept(errors).filter((reason) => reason !== undefined)).toEqual(['error']);
		expect(kept(slow).filter((reason) => reason !== undefined)).toEqual(['slow']);

		const others = servers.filter((span) => !errors.includes(span) && !slow.includes(span));
		const isKept = ({ attributes }: ReceivedSpan): boolean => 'sveltekit.kept' in attributes;
		// on a busy machine, other requests may be slow too
		const sampled = others.filter((span) => !isKept(span));
		const expected = (REQUESTS - ERRORS - SLOW) * RATIO;
		expect(Math.abs(sampled.length - expected)).toBeLessThan(4 * Math.sqrt(expected * (1 - RATIO)));
		expect(kept(others).filter((reason) => reason === 'error')).toEqual([]);

		for (const { traceId } of servers) expect(isComplete(receiver.spans, traceId)).toBe(true);
		const sizes = toTrees(receiver.spans)
			.filter(({ span }) => span.attributes['url.path'] === '/error/unexpected')
			.map((tree) => spansOf(tree).length);
		expect(new Set(sizes).size).toBe(1);
		expect(sizes[0]).toBeGreaterThan(5);
		expect(server.stderr()).not.toMatch(/lost|dropped|let go/);
		await receiver.stop();
	});
});
