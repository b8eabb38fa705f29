import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { ofGeneration } from '../e2e/combinations.ts';
import { missingChromium, startChromium } from '../services/chromium.ts';
import { buildApp } from '../support/app.ts';
import { copyApp } from '../support/app-copy.ts';
import { startVite } from '../support/vite-server.ts';

const missing = missingChromium();

/** The app's configuration, with Vite DevTools as its manual says. */
const CONFIG = `
import adapter from 'adapter-node-otel';
import { DevTools } from '@vitejs/devtools';
import { sveltekit } from '@sveltejs/kit/vite';

export default { plugins: [DevTools({ clientAuth: false }), sveltekit({ adapter: adapter() })] };
`;

// on SvelteKit 2 an adapter has no plugin that could register anything
describe.skipIf(missing).each(ofGeneration(3))('%s: Vite DevTools', (combination) => {
	let browser: Browser;

	beforeAll(async () => {
		browser = await startChromium();
	});

	afterAll(() => browser?.close());

	test('has the page of traces as an entry', async () => {
		const app = await buildApp({
			combination,
			packageJson: { devDependencies: { '@vitejs/devtools': '0.8.0' } }
		});
		await using copy = await copyApp(app);
		await copy.write('vite.config.js', CONFIG);
		await using server = await startVite(copy.dir, 'dev', { env: { HOME: copy.dir } });
		const page = await browser.newPage();
		await page.goto(`${server.url}/__devtools/`);
		const entry = page
			.getByText('Traces')
			.or(page.getByTitle('Traces'))
			.or(page.getByLabel('Traces'))
			.first();
		await entry.click({ timeout: 30_000 });
		const traces = page.frameLocator('iframe[src$="/__otel"]');
		await traces.getByText('Waiting for the first request').waitFor();
		await (await server.fetch('/blog/docked')).text();
		await traces.locator('#list button', { hasText: '/blog/docked' }).waitFor();
		expect(server.output()).toContain('exporter none');
	});
});
