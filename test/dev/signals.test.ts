import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { buildApp } from '../support/app.ts';
import { spansOf } from '../otlp/tree.ts';
import { type TracedVite, envFile, startTracedVite } from '../support/traced-vite.ts';
import { openPage, readPage, readSpans } from '../support/page-of-traces.ts';
import { type Upstream, startUpstream } from '../support/upstream.ts';
import { startVite } from '../support/vite-server.ts';
import { buildDevApp } from './app.ts';
import { namesOf } from './names.ts';

const SIGNALS = {
	OTEL_METRICS_EXPORTER: 'otlp',
	OTEL_METRIC_EXPORT_INTERVAL: '200',
	OTEL_LOGS_EXPORTER: 'otlp',
	OTEL_BLRP_SCHEDULE_DELAY: '20'
};

describe.each(combinations)('%s: metrics and logs in vite dev', (combination) => {
	let upstream: Upstream;
	let vite: TracedVite;

	beforeAll(async () => {
		upstream = await startUpstream();
		const env = { ...SIGNALS, UPSTREAM_URL: upstream.url };
		vite = await startTracedVite(await buildDevApp(combination), 'dev', { env });
	});

	afterAll(async () => {
		await vite?.stop();
		await upstream?.[Symbol.asyncDispose]();
	});

	/** What arrives of one request. */
	const seeAll = async (): Promise<void> => {
		const { tree } = await vite.ask('/printing?for=shoes');
		const { traceId } = tree.span;
		const record = await vite.receiver.waitForLog(
			(log) => log.traceId === traceId && String(log.body).startsWith('nearly sold out')
		);
		expect(record.severityText).toBe('WARN');
		await vite.receiver.waitForPoint(
			({ name, attributes }) =>
				name === 'http.server.request.duration' && attributes['http.route'] === '/printing'
		);
		const same = vite.receiver.logs.filter(
			(log) => log.traceId === traceId && String(log.body).startsWith('nearly sold out')
		);
		expect(same).toHaveLength(1);
	};

	test('arrive as from the built server', async () => {
		await expect(seeAll()).resolves.toBeUndefined();
	});

	test('arrive once after restarts, which log nothing', async () => {
		for (const name of ['second', 'third']) {
			await vite.copy.write('.env', envFile(vite.receiver, `OTEL_SERVICE_NAME=${name}`));
			await vite.server.waitForOutput(new RegExp(`tracing ${name};`), { timeoutMs: 30_000 });
			// Vite closes the server before it starts a new one
			const ask = async (): Promise<number> => (await vite.server.fetch('/root')).status;
			await expect.poll(() => ask().catch(() => 0), { timeout: 30_000 }).toBe(200);
		}
		vite.receiver.reset();
		await seeAll();
		const { tree } = await vite.ask('/outgoing');
		expect(spansOf(tree).filter(({ kind }) => kind === 'CLIENT')).toHaveLength(2);
		await vite.receiver.waitForPoint(
			({ name, attributes, count, resource }) =>
				name === 'http.client.request.duration' &&
				attributes['server.port'] === upstream.port &&
				count === 2 &&
				resource['service.name'] === 'third'
		);
		const output = vite.server.output();
		expect(output).not.toMatch(
			/is not Node's own any more|logger provider is already registered|MaxListeners/
		);
	});
});

describe.each(combinations)('%s: an app with an older copy of the API', (combination) => {
	test('is traced, also when the page is opened later', async () => {
		const app = await buildApp({
			combination,
			overlays: ['api'],
			packageJson: { dependencies: { '@opentelemetry/api': '1.9.0' } }
		});
		await using vite = await startTracedVite(app, 'dev', { env: { OTEL_LOGS_EXPORTER: 'otlp' } });
		const { tree } = await vite.ask('/custom-span');
		expect(JSON.stringify(namesOf(tree)), vite.server.output()).toMatch(/sveltekit\.load.*custom\.child/);

		await using later = await startVite(app.dir, 'dev');
		await (await later.fetch('/custom-span')).text();
		await openPage(later);
		await (await later.fetch('/custom-span')).text();
		const { traces } = await readPage(later);
		const spans = await readSpans(later, traces.at(-1)!.id);
		expect(spans).toContain('sveltekit.load custom-span');
		expect(spans).toContain('custom.child');
	});
});
