/*
 * `npm run picture:page`: takes the picture of the page of traces that the README and the manual show, from
 * the example app in `vite dev` and a real Chromium.
 */
import { fileURLToPath } from 'node:url';
import { startChromium } from '../services/chromium.ts';
import { buildApp } from '../support/app.ts';
import { startVite } from '../support/vite-server.ts';

const picture = fileURLToPath(new URL('../../docs/images/traces-page.png', import.meta.url));

const { dir } = await buildApp({ combination: 'kit-3', overlays: ['api'] });
await using server = await startVite(dir, 'dev');
await using browser = await startChromium();
const page = await browser.newPage({ viewport: { width: 1100, height: 560 }, colorScheme: 'light' });
await page.goto(`${server.url}/__otel`);

for (const path of ['/blog/first', '/actions', '/root', '/error/unexpected', '/blog/second', '/blog/hello']) {
	await (await server.fetch(path)).text();
	await page.locator('#list button', { hasText: path }).waitFor();
}
// the first request of a route waits for Vite, which is in its trace
await page.locator('#list button', { hasText: '/blog/hello' }).click();
await page.locator('#trace button', { hasText: 'sveltekit.load blog' }).first().click();
await page.locator('.details').waitFor();
await page.screenshot({ path: picture });
