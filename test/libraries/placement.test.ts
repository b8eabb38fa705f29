import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ofGeneration } from '../e2e/combinations.ts';
import { printTree } from '../otlp/print.ts';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { type Postgres, missingPostgres, startPostgres } from '../services/postgres.ts';
import { type Redis, missingRedis, startRedis } from '../services/redis.ts';
import { type App, type AppOptions, buildApp, copyBuild } from '../support/app.ts';
import { installShared } from '../support/install.ts';
import { loadedModules } from '../support/loaded-modules.ts';
import { instrumentations, libraries } from '../support/libraries.ts';
import { QUERIES, clientsBelow } from '../support/queries.ts';
import { startServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const missing = missingPostgres() ?? missingRedis();
const running = missing ? ` (${missing})` : '';

let receiver: Receiver;
let postgres: Postgres;
let redis: Redis;

beforeAll(async () => {
	receiver = await startReceiver();
	if (missing) return;
	postgres = await startPostgres();
	redis = await startRedis();
});
afterAll(async () => {
	await receiver?.stop();
	await postgres?.stop();
	await redis?.stop();
});

const services = (): Record<string, string> => ({ POSTGRES_URL: postgres.url, REDIS_URL: redis.url });
const env = (): Record<string, string> => ({
	...services(),
	OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
	OTEL_BSP_SCHEDULE_DELAY: '50'
});

/** Serves a build and expects of each query its answer and its spans. */
async function expectSpans(build: string, queries: typeof QUERIES): Promise<void> {
	await using server = await startServer(build, { env: env() });
	for (const [library, result, below] of queries) {
		receiver.reset();
		const page = await (await server.fetch(`/query/${library}`)).text();
		expect(page).toContain(`<p>${result}</p>`);
		const tree = await receiver.waitForTrace((span) => span.attributes['url.path'] === `/query/${library}`);
		expect(clientsBelow(tree), printTree(tree)).toEqual(expect.arrayContaining(below));
	}
	expect(server.stderr()).toMatch(/^adapter-node-otel: tracing .*\n$/);
}

/** Serves a build where there is no more than `dependencies`: without any, no `node_modules` at all. */
async function expectSpansInProduction(
	app: App,
	queries: typeof QUERIES,
	dependencies?: Record<string, string>
): Promise<void> {
	const parent = dependencies ? await installShared({ dependencies, devDependencies: {} }) : undefined;
	const dir = makeTempDir(parent);
	const build = await copyBuild(app, dir);
	const links = await readdir(build, { recursive: true, withFileTypes: true });
	expect(links.filter((entry) => entry.isSymbolicLink())).toEqual([]);
	await expectSpans(build, queries);
}

const inDevelopment = { devDependencies: { ...libraries, ...instrumentations } };

describe.each(ofGeneration(3))('%s', (combination) => {
	const build = (options: Partial<AppOptions>): Promise<App> =>
		buildApp({ combination, overlays: ['libraries'], ...options });

	describe('libraries and instrumentations in devDependencies', () => {
		let app: App;

		beforeAll(async () => {
			app = await build({ packageJson: inDevelopment });
		});

		test('come with the output', () => {
			expect(app.log).not.toContain('adapter-node-otel: ');
			expect(app.log).toContain('Instrumenting with @opentelemetry/instrumentation-pg: pg, pg-pool');
			expect(app.log).toMatch(/Copying .*\bioredis\b.* and what they need \(\d+ files, \d+ KB\)/);
		});

		test.skipIf(missing)(`are traced where there is no node_modules${running}`, () =>
			expectSpansInProduction(app, QUERIES)
		);

		test.skipIf(missing)(`work without telemetry, which is not read then${running}`, async () => {
			const files = await loadedModules(app.build, services(), async (server) => {
				expect(await (await server.fetch('/query/pg')).text()).toContain('<p>1</p>');
				expect(server.stderr()).toBe('');
			});
			expect(files).toContain(join('build/server/node_modules/pg/lib/index.js'));
			expect(files.filter((file) => file.startsWith(join('build/otel/')))).toEqual([
				join('build/otel/register.js')
			]);
		});
	});

	test.skipIf(missing).each([
		['libraries', { devDependencies: libraries, dependencies: instrumentations }],
		['instrumentations', { devDependencies: instrumentations, dependencies: libraries }]
	])(
		`%s alone are copied, and meet the others of production${running}`,
		// an installation and a build
		{ timeout: 240_000 },
		async (_, packageJson) => {
			const app = await build({ packageJson });
			expect(app.log).not.toContain('adapter-node-otel: ');
			await expectSpansInProduction(app, QUERIES, packageJson.dependencies);
		}
	);
});

describe.each(ofGeneration(2))('%s', (combination) => {
	// an installation and a build
	test('libraries in devDependencies are logged, with what to do', { timeout: 240_000 }, async () => {
		const app = await buildApp({ combination, overlays: ['libraries'], packageJson: inDevelopment });
		for (const message of [
			'pg, pg-pool are bundled into the server, where @opentelemetry/instrumentation-pg cannot see them: there will be no spans of them. Move pg from devDependencies to dependencies',
			'ioredis is bundled into the server, where @opentelemetry/instrumentation-ioredis cannot see it: there will be no spans of it. Move ioredis from devDependencies to dependencies',
			'are bundled into the server, where @opentelemetry/instrumentation-redis cannot see them'
		]) {
			expect(app.log).toContain(message);
		}
		expect(app.log).not.toContain('Instrumenting with');
		await using server = await startServer(app.build, {
			env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
		});
		expect(server.stderr()).toMatch(/^adapter-node-otel: tracing .*; instrumentations undici\n$/);
	});

	test.skipIf(missing)(
		`instrumentations in devDependencies are copied${running}`,
		{ timeout: 240_000 },
		async () => {
			const app = await buildApp({
				combination,
				overlays: ['libraries'],
				packageJson: { devDependencies: instrumentations, dependencies: libraries }
			});
			expect(app.log).not.toContain('adapter-node-otel: ');
			await expectSpansInProduction(app, QUERIES, libraries);
		}
	);
});
