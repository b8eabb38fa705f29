import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { delimiter, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missingChromium, startChromium } from '../services/chromium.ts';
import { packageManagerEnv } from '../support/clean-env.ts';
import { startCommand } from '../support/command.ts';
import { exec } from '../support/exec.ts';
import { type PackageManager, putCommand } from '../support/install.ts';
import { type Registry, startRegistry } from '../support/registry.ts';
import { createProject, svVersion } from '../support/sv.ts';
import { makeTempDir } from '../support/temp-dir.ts';

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
	let created: string;
	let registry: Registry;
	let browser: Browser;
	let built: Project | undefined;

	beforeAll(async () => {
		created = join(makeTempDir(), 'created');
		await createProject(created, 'ts');
		registry = await startRegistry();
		browser = await startChromium();
	});

	afterAll(async () => {
		await browser?.close();
		await registry?.[Symbol.asyncDispose]();
	});

	/** A project of `sv create` that is installed, and what runs a command line in it. */
	async function makeProject(packageManager: PackageManager): Promise<Project> {
		const parent = makeTempDir();
		const [bin, dir] = [join(parent, 'bin'), join(parent, 'app')];
		await mkdir(bin);
		await cp(created, dir, { recursive: true });
		if (packageManager !== 'npm') await putCommand(packageManager, bin);
		if (packageManager === 'yarn-4') await writeFile(join(dir, 'yarn.lock'), '');

		const env: NodeJS.ProcessEnv = {
			...packageManagerEnv(),
			...registry.env,
			NO_COLOR: '1',
			YARN_ENABLE_TELEMETRY: '0',
			BROWSER: join(parent, 'browser.js')
		};
		env.PATH = `${bin}${delimiter}${env.PATH}`;
		const opened = join(parent, 'opened.txt');
		await writeFile(
			env.BROWSER!,
			`require('node:fs').writeFileSync(${JSON.stringify(opened)}, process.argv.at(-1));`
		);
		const project: Project = {
			dir,
			env,
			run: async (line) => (await exec('sh', ['-c', line], { cwd: dir, env })).stdout,
			async readOpened() {
				await expect.poll(() => readFile(opened, 'utf8').catch(() => ''), { timeout: 30_000 }).toMatch(/./);
				return readFile(opened, 'utf8');
			}
		};
		await project.run(
			packageManager === 'npm' ? 'npm install' : `${packageManager.replace(/-.*/, '')} install`
		);
		return project;
	}

	test.each(Object.keys(packageManagers) as PackageManager[])(
		'%s: `sv add`, and the two commands that it ends with',
		async (packageManager) => {
			const { run, execute } = packageManagers[packageManager];
			const project = await makeProject(packageManager);
			const output = await project.run(
				`${execute} ${add!.replace('npx sv', `sv@${svVersion}`)} --no-git-check --no-download-check`
			);
			const steps = [...output.matchAll(/^│ +- (.*?) (?:shows|traces) /gm)].map(([, step]) => step!);
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

	test('these two are the ones of the README', () => {
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

interface Project {
	dir: string;
	env: NodeJS.ProcessEnv;
	/** Runs a command line to its end. */
	run(line: string): Promise<string>;
	/** The URL that a browser was to open. */
	readOpened(): Promise<string>;
}

async function findFreePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	server.close();
	await once(server, 'close');
	return port;
}
