import { type ClientRequest, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { buildInspectedApp, inspect } from '../reliability/inspected-app.ts';
import { startLoad } from '../reliability/load.ts';
import { startSpanCounter } from '../reliability/span-counter.ts';
import { trendOf } from '../reliability/trend.ts';
import { startServer } from '../support/server.ts';

/** More than are held at once: 4,096. */
const HANGING = 4_600;
const SECONDS = Number(process.env['SOAK_SECONDS'] ?? 40);
const SAMPLES = 20;
const WARM_UP = 7;
/** As in the soak of `test/reliability`. */
const TOLERANCE_MB = 1.5;

/** Requests that are not answered, each on a connection of its own. */
async function hang(url: string): Promise<ClientRequest[]> {
	const requests: ClientRequest[] = [];
	while (requests.length < HANGING) {
		const batch = Array.from({ length: 100 }, () => request(`${url}/slow?ms=100000000`));
		await Promise.all(
			batch.map(
				(each) =>
					new Promise<void>((resolve, reject) => {
						each.once('error', reject).once('finish', () => {
							each.on('error', () => {}).off('error', reject);
							resolve();
						});
						each.end();
					})
			)
		);
		requests.push(...batch);
	}
	return requests;
}

test(
	`memory does not grow while ${HANGING} requests hang and others are served`,
	async () => {
		const app = await buildInspectedApp({ combination: 'kit-3' });
		const counter = await startSpanCounter();
		await using server = await startServer(app.build, {
			env: {
				OTEL_EXPORTER_OTLP_ENDPOINT: counter.url,
				OTEL_TRACES_SAMPLER_ARG: '0.01',
				OTEL_SVELTEKIT_KEEP_ERRORS: 'true',
				OTEL_SVELTEKIT_KEEP_SLOWER_THAN: '3600000'
			},
			execArgv: ['--expose-gc']
		});
		const hanging = await hang(server.url);
		const heap: number[] = [];
		for (let sample = 0; sample < SAMPLES; sample++) {
			const paths = ['/blog/a', '/large', '/error/unexpected', '/api/post/1', '/nowhere'];
			const load = startLoad({ url: server.url, paths });
			await delay((SECONDS * 1000) / SAMPLES);
			await load.stop();
			heap.push((await inspect(server)).usedBytes / 1e6);
			counter.reset();
		}
		const { growth, noise } = trendOf(heap.slice(WARM_UP));
		process.stdout.write(`MB: ${heap.map((each) => each.toFixed(1)).join(' ')}\n`);
		expect(growth, `MB: ${heap.join(' ')}`).toBeLessThan(Math.max(TOLERANCE_MB, noise));
		// those that are over the bound were let go and counted
		expect(server.stderr()).toMatch(
			/requests so far were dropped before they ended .* more than 4096 requests/
		);
		for (const each of hanging) each.destroy();
		await counter.stop();
	},
	SECONDS * 2000 + 120_000
);
