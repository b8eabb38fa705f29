import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { missingChromium, startChromium } from '../services/chromium.ts';
import { buildApp } from '../support/app.ts';
import { type ViteServer, startVite } from '../support/vite-server.ts';
import { buildDevApp } from './app.ts';

const missing = missingChromium();

/** What the page colours errors with, light and dark. */
const RED = { light: 'rgb(207, 34, 46)', dark: 'rgb(248, 81, 73)' } as const;

/** Traces that the page keeps. */
const MAX_TRACES = 500;

describe.skipIf(missing)(`the page of traces in a browser${missing ? ` (${missing})` : ''}`, () => {
	let browser: Browser;

	beforeAll(async () => {
		browser = await startChromium();
	});

	afterAll(() => browser?.close());

	describe.each(combinations)('%s', (combination) => {
		let server: ViteServer;
		let page: Page;
		let complaints: string[];

		beforeAll(async () => {
			const { dir } = await buildDevApp(combination);
			server = await startVite(dir, 'dev');
		});

		afterAll(() => server?.stop());

		beforeEach(async () => {
			page = await browser.newPage({ colorScheme: 'light' });
			complaints = [];
			page.on('pageerror', ({ message }) => complaints.push(message));
			page.on('console', (message) => {
				if (['warning', 'error'].includes(message.type())) complaints.push(message.text());
			});
			await page.goto(`${server.url}/__otel`);
		});

		afterEach(async () => {
			await page.close();
			// the browser reports what the page's policy refuses here
			if (complaints.length > 0) throw new Error(complaints.join('\n'));
		});

		const rows = (name: string) => page.locator('#list button', { hasText: name });
		const spans = (name: string) => page.locator('#trace button', { hasText: name });
		const ask = async (path: string): Promise<void> => {
			await (await server.fetch(path)).text();
		};

		test('a trace appears without reloading, and its spans as a waterfall', async () => {
			await ask('/blog/live');
			await rows('/blog/live').waitFor();
			await spans('GET /blog/[slug]').waitFor();
			const bar = await spans('sveltekit.load').first().locator('i').boundingBox();
			const whole = await spans('GET /blog/[slug]').first().locator('i').boundingBox();
			expect(bar!.x).toBeGreaterThanOrEqual(whole!.x);
			expect(bar!.x + bar!.width).toBeLessThanOrEqual(whole!.x + whole!.width + 2);
		});

		test.each(['light', 'dark'] as const)(
			'an error is red, and a click shows its stack: %s',
			async (scheme) => {
				await page.emulateMedia({ colorScheme: scheme });
				await ask('/error/unexpected');
				await rows('/error/unexpected').first().click();
				const colour = `getComputedStyle(document.querySelector('#list button.error')).color`;
				expect(await page.evaluate<string>(colour)).toBe(RED[scheme]);

				const load = spans('sveltekit.load').and(page.locator('.error')).first();
				await load.click();
				const details = page.locator('.details');
				expect(await details.locator('pre.error').last().textContent()).toMatch(
					/\n\s+at .*error\/unexpected/
				);
				expect(await details.locator('th', { hasText: 'exception.type' }).count()).toBe(1);
				// a late span of a trace redraws it
				await rows('/error/unexpected').first().click();
				await page.waitForTimeout(300);
				expect(await details.count()).toBe(1);
				await load.click();
				expect(await details.count()).toBe(0);
			}
		);

		test('shows what a request printed, next to its spans', async () => {
			await ask('/printing?for=shoes');
			await rows('/printing').first().click();
			const lines = page.locator('#trace .lines > div');
			await expect.poll(() => lines.count()).toBe(3);
			const texts = await lines.locator('pre').allTextContents();
			expect(texts.slice(0, 2)).toEqual([`looking for shoes { of: 'the shop' }`, 'nearly sold out']);
			expect(texts[2]).toMatch(/^Error: printed and not thrown\n\s+at .*printing/);
			expect(await lines.locator('.severity').allTextContents()).toEqual(['INFO', 'WARN', 'ERROR']);
			expect(server.output()).toContain('looking for shoes');
			await ask('/blog/silent');
			await rows('/blog/silent').first().click();
			await spans('GET /blog/[slug]').first().waitFor();
			expect(await lines.count()).toBe(0);
		});

		test('shows spans and lines of vite preview', async () => {
			const { dir } = await buildDevApp(combination);
			await using preview = await startVite(dir, 'preview');
			await (await preview.fetch('/printing?for=before')).text();
			await page.goto(`${preview.url}/__otel`);
			await (await preview.fetch('/printing?for=shoes')).text();
			await rows('/printing').first().click();
			await page.locator('#trace .lines pre', { hasText: 'looking for shoes' }).waitFor();
			await spans('sveltekit.load printing').first().waitFor();
			expect(preview.output().match(/adapter-node-otel: tracing /g)).toHaveLength(1);
			// it would complain that the server is gone
			await page.goto('about:blank');
		});

		test('shows nothing of a server that has been started again', async () => {
			const { dir } = await buildDevApp(combination);
			await using before = await startVite(dir, 'dev');
			await page.goto(`${before.url}/__otel`);
			await (await before.fetch('/blog/before')).text();
			await rows('/blog/before').click();
			await spans('GET /blog/[slug]').waitFor();
			await before.stop();

			const { port } = new URL(before.url);
			await using after = await startVite(dir, 'dev', { args: ['--port', port, '--strictPort'] });
			await page.locator('#notice', { hasText: 'Waiting for the first request' }).waitFor();
			expect(await page.locator('#list button').count()).toBe(0);
			expect(await page.locator('#trace button').count()).toBe(0);
			expect(await page.locator('#count').textContent()).toBe('');
			await (await after.fetch('/root')).text();
			// nothing is picked any more, so the newest is shown
			await rows('/root').waitFor();
			await spans('GET /root').waitFor();
			expect(await page.locator('#list button').count()).toBe(1);
			expect(await page.locator('#count').textContent()).toBe('1 trace');
			await page.goto('about:blank');
			// that it could not reach the server meanwhile
			complaints.length = 0;
		});

		test('can be searched by route, filtered by errors, and used by keyboard', async () => {
			await ask('/blog/found');
			await ask('/error/unexpected');
			await rows('/error/unexpected').first().waitFor();
			await page.keyboard.press('/');
			await page.keyboard.type('blog/found');
			await expect.poll(() => page.locator('#list button:visible').count()).toBe(1);
			await page.fill('#search', '');
			await page.check('#errors');
			expect(await rows('/blog/found').isVisible()).toBe(false);
			expect(await page.locator('#list button:visible').count()).toBe(
				await page.locator('#list button.error').count()
			);
			await page.uncheck('#errors');

			const focused = () => page.evaluate<string>('document.activeElement.textContent');
			const first = page.locator('#list button').first();
			await first.focus();
			const before = await focused();
			await page.keyboard.press('ArrowDown');
			expect(await focused()).not.toBe(before);
			await page.keyboard.press('ArrowUp');
			expect(await focused()).toBe(before);
		});

		test('stays usable with 500 traces, and keeps at most 500', async () => {
			// ten at a time
			for (let sent = 0; sent < MAX_TRACES + 20; sent += 10) {
				await Promise.all(Array.from({ length: 10 }, (_, index) => ask(`/actions?n=${sent + index}`)));
			}
			await ask('/blog/last');
			await rows('/blog/last').waitFor();
			await expect.poll(() => page.locator('#list button').count()).toBe(MAX_TRACES);

			const began = performance.now();
			await page.fill('#search', 'last');
			await expect.poll(() => page.locator('#list button:visible').count(), { interval: 10 }).toBe(1);
			await rows('/blog/last').click();
			await spans('GET /blog/[slug]').waitFor();
			expect(performance.now() - began).toBeLessThan(10_000);

			await page.reload();
			await expect.poll(() => page.locator('#list button').count()).toBe(MAX_TRACES);
			expect(await page.locator('#list button').first().textContent()).toContain('/blog/last');
		});
	});

	describe('without the tracing of SvelteKit 2', () => {
		let server: ViteServer;

		beforeAll(async () => {
			const { dir } = await buildApp({ combination: 'kit-2', tracing: false });
			server = await startVite(dir, 'dev');
		});

		afterAll(() => server?.stop());

		test('shows the missing lines of the configuration', async () => {
			const page = await browser.newPage();
			await page.goto(`${server.url}/__otel`);
			const notice = page.locator('#notice', { hasText: 'tracing: { server: true }' });
			await notice.waitFor();
			await (await server.fetch('/root')).text();
			await page.locator('#list button', { hasText: '/root' }).waitFor();
			expect(await notice.textContent()).toMatch(
				/^SvelteKit 2\S+ leaves its tracing out, so this server cannot trace requests. Add to \S+config\S+:\n/
			);
			await page.close();
		});
	});
});
