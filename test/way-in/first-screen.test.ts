import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingChromium, startChromium } from '../services/chromium.ts';
import { startCommand } from '../support/command.ts';
import type { PackageManager } from '../support/install.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { svVersion } from '../support/sv.ts';
import { type UserProject, makeUserProject } from '../support/user-project.ts';

/*
 * The first screen of the README, as it is written: its commands in a project of `sv create`, from a registry
 * that has this package, and what they show in a browser.
 */
const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

/** The commands before the first heading, without their comments. */
const [add, dev, view, build, start] = [...readme.split('\n## ')[0]!.matchAll(/```sh\n([^]*?)```/g)]
	.flatMap(([, block]) => block!.trim().split('\n'))
	.map((line) => line.replace(/ +#.*$/, ''));

/** How the commands that run a package's program and a script begin. */
const packageManagers: Record<PackageManager, { run: string; execute: string }> = {
	npm: { run: 'npm run', execute: 'npx --yes' },
	pnpm: { run: 'pnpm run', execute: 'pnpm dlx' },
	yarn: { run: 'yarn run', execute: 'npx --yes' },
	// `yarn dlx` keeps `sv` in an archive, which it cannot unpack an add-on into
	'yarn-4': { run: 'yarn run', execute: 'npx --yes' }
};

const missing = missingChromium();

describe.skipIf(missing)(`in a browser${missing ? ` (${missing})` : ''}`, () => {
	let registry: Registry;
	let browser: Browser;
	let built: UserProject | undefined;

	beforeAll(async () => {
		registry = await startRegistry();
		browser = await startChromium();
	});

	afterAll(async () => {
		await browser?.close();
		await registry?.[Symbol.asyncDispose]();
	});

	test.each(Object.keys(packageManagers) as PackageManager[])(
		'%s: `sv add`, and the two commands that it ends with',
		async (packageManager) => {
			const { run, execute } = packageManagers[packageManager];
			const project = await makeUserProject(packageManager, registry);
			const { stdout } = await project.run(
				`${execute} ${add!.replace('npx sv', `sv@${svVersion}`)} --no-git-check --no-download-check`
			);
			const steps = [...stdout.matchAll(/^│ +- (.*?) (?:shows|traces) /gm)].map(([, step]) => step!);
			const [showDev, traceBuild] = steps;
			expect(showDev).toBe(`${run} dev ${packageManager === 'npm' ? '-- ' : ''}--open /__otel`);
			expect(traceBuild).toBe(`${run} build, then OTEL_TRACES_EXPORTER=console node build`);

			{
				await using _vite = startCommand(showDev!, project.dir, project.env);
				const url = await project.readOpened();
				expect(new URL(url).pathname).toBe('/__otel');
				const page = await browser.newPage();
				await page.goto(url);
				await (await fetch(new URL('/', url))).text();
				await page.locator('#list button', { hasText: 'GET /' }).first().waitFor();
				await page.locator('#trace button', { hasText: 'sveltekit.resolve' }).first().waitFor();
				await page.close();
			}

			const [buildStep, startStep] = traceBuild!.split(', then ');
			await project.run(buildStep!);
			const port = await findFreePort();
			await using server = startCommand(startStep!, project.dir, { ...project.env, PORT: String(port) });
			await server.waitForOutput('Listening on');
			await (await fetch(`http://127.0.0.1:${port}/`)).text();
			await server.waitForOutput('"name":"GET /"');
			if (packageManager === 'npm') built = project;
		}
	);

	test('these two commands are those of the README', () => {
		expect([dev, build]).toEqual(['npm run dev -- --open /__otel', 'npm run build']);
	});

	test('the production server with the viewer', async () => {
		expect(built, 'the test of npm has built it').toBeDefined();
		const { dir, env } = built!;
		const [port, viewerPort, grpcPort] = [await findFreePort(), await findFreePort(), await findFreePort()];
		await using viewer = startCommand(view!.replace('npx', 'npx --yes'), dir, {
			...env,
			AUTOTEL_DEVTOOLS_PORT: String(viewerPort),
			AUTOTEL_DEVTOOLS_GRPC_PORT: String(grpcPort)
		});
		await viewer.waitForOutput('Listening');
		const line = start!.replace('4318', String(viewerPort));
		await using server = startCommand(line, dir, { ...env, PORT: String(port) });
		await server.waitForOutput('Listening on');
		await (await fetch(`http://127.0.0.1:${port}/`)).text();

		const page = await browser.newPage();
		await page.goto(`http://localhost:${viewerPort}`);
		await page.getByText('GET /', { exact: true }).first().click();
		await page.getByText('sveltekit.resolve', { exact: true }).first().waitFor();
		await page.close();
	});
});

async function findFreePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	return port;
}
