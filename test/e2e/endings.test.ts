import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeCustomServer } from '../reliability/custom-server.ts';
import { type App, buildApp } from '../support/app.ts';
import { networkPermission } from '../support/node-binary.ts';
import { spansOf } from '../otlp/tree.ts';
import { startTraced } from '../support/traced-server.ts';
import { combinations, isWholeMatrix } from './combinations.ts';

/** A module for `--import`. */
const preload = (code: string): string => `data:text/javascript,${encodeURIComponent(code)}`;

const SAY = preload(`import { writeSync } from 'node:fs'; writeSync(1, 'preloaded\\n');`);

/** Nothing leaves before the end. */
const env = { OTEL_BSP_SCHEDULE_DELAY: '60000' };

describe.each(isWholeMatrix ? combinations : combinations.slice(-1))('%s: the last spans', (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
	});

	test('arrive soon, also if the build has been replaced while the server runs', async () => {
		await using own = await writeCustomServer(app, `process.on('SIGUSR2', () => process.exit(7));`);
		await using traced = await startTraced(own.build, {
			entry: own.entry,
			env: { ...env, NODE_OPTIONS: `--import=${SAY}#1` },
			execArgv: ['--import', `${SAY}#2`]
		});
		for (const slug of ['a', 'b', 'c']) await (await traced.server.fetch(`/blog/${slug}`)).text();
		await rm(join(own.build, 'otel'), { recursive: true });

		const since = performance.now();
		traced.server.signal('SIGUSR2');
		expect(await traced.server.exited).toEqual({ code: 7, signal: null });
		expect(performance.now() - since).toBeLessThan(2500);
		expect(traced.receiver.spans.filter(({ kind }) => kind === 'SERVER')).toHaveLength(3);
		expect(traced.server.stderr()).not.toContain('lost');
		// what is preloaded into the process is not started once more, to send what is left
		expect(traced.server.stdout().match(/preloaded/g)).toHaveLength(2);
	});

	test('are logged as lost if no worker may start, with the missing flag', async () => {
		await using own = await writeCustomServer(app, `process.on('SIGUSR2', () => process.exit(7));`);
		await using traced = await startTraced(own.build, {
			entry: own.entry,
			env,
			execArgv: ['--permission', '--allow-fs-read=*', ...(await networkPermission())]
		});
		await (await traced.server.fetch('/blog/a')).text();
		traced.server.signal('SIGUSR2');
		expect(await traced.server.exited).toEqual({ code: 7, signal: null });
		expect(traced.server.stderr()).toMatch(/start a worker\. Start it with --allow-worker\n.* lost in all/);
	});

	test('arrive when the server has closed, although the app keeps the process alive', async () => {
		await using traced = await startTraced(app.build, {
			env: { ...env, SHUTDOWN_TIMEOUT: '30' },
			execArgv: ['--import', preload('setInterval(() => {}, 1e6)')]
		});
		const leaving = new AbortController();
		await traced.server.fetch('/sse/forever', { signal: leaving.signal });
		// a `load` function that never ends, and has asked the app itself before
		const arrived = traced.server.fetch('/hanging?ms=1000000', { signal: leaving.signal }).catch(() => {});
		await (await traced.server.fetch('/slow?ms=100')).text();
		traced.server.signal('SIGTERM');
		await expect.poll(() => traced.server.fetch('/').catch(() => 'closed')).toBe('closed');
		leaving.abort();
		await arrived;
		await traced.traceOf('/sse/forever');
		// no span is without its parent
		const names = spansOf(await traced.traceOf('/hanging')).map(({ name }) => name);
		expect(names).toEqual(
			expect.arrayContaining(['sveltekit.load hanging/+page.server.js', 'GET /api/post/[id]'])
		);
		traced.server.signal('SIGKILL');
	});

	test.each(['SIGINT', 'SIGTERM'] as const)('arrive at %s, before the server has closed', async (signal) => {
		await using traced = await startTraced(app.build, { env: { ...env, SHUTDOWN_TIMEOUT: '30' } });
		const leaving = new AbortController();
		const stream = await traced.server.fetch('/sse/forever', { signal: leaving.signal });
		for (const slug of ['a', 'b', 'c']) await (await traced.server.fetch(`/blog/${slug}`)).text();
		expect(traced.receiver.spans).toEqual([]);

		traced.server.signal(signal);
		const servers = () =>
			traced.receiver.spans
				.filter(({ kind }) => kind === 'SERVER')
				.map(({ attributes }) => attributes['url.path']);
		await expect.poll(servers, { timeout: 3000 }).toEqual(['/blog/a', '/blog/b', '/blog/c']);
		// no request is cut off for it
		expect((await stream.body!.getReader().read()).done).toBe(false);
		leaving.abort();
		await delay(0);
		expect(await traced.server.exited).toMatchObject({ code: 0 });
		expect(servers()).toContain('/sse/forever');
	});
});
