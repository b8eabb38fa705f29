import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { printTree } from '../otlp/print.ts';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { type Postgres, missingPostgres, startPostgres } from '../services/postgres.ts';
import { type Redis, missingRedis, startRedis } from '../services/redis.ts';
import { type App, buildApp } from '../support/app.ts';
import { instrumentations, libraries } from '../support/libraries.ts';
import { QUERIES, clientsBelow } from '../support/queries.ts';
import { startServer } from '../support/server.ts';
import { combinations } from '../e2e/combinations.ts';

const missing = missingPostgres() ?? missingRedis();

describe.each(combinations)('instrumented libraries, %s', (combination) => {
	let app: App;
	let receiver: Receiver;
	let postgres: Postgres;
	let redis: Redis;

	beforeAll(async () => {
		receiver = await startReceiver();
		app = await buildApp({
			combination,
			overlays: ['libraries'],
			packageJson: { dependencies: { ...libraries, ...instrumentations } }
		});
		if (missing) return;
		postgres = await startPostgres();
		redis = await startRedis();
	});
	afterEach(() => receiver.reset());
	afterAll(async () => {
		await receiver?.stop();
		await postgres?.stop();
		await redis?.stop();
	});

	const env = (): Record<string, string> => ({
		OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
		OTEL_BSP_SCHEDULE_DELAY: '50',
		...(!missing && { POSTGRES_URL: postgres.url, REDIS_URL: redis.url })
	});

	test('are listed by the build', () => {
		expect(app.log).not.toMatch(/adapter-node-otel: |deprecated/);
		expect(app.log).toMatch(/Instrumenting with @opentelemetry\/instrumentation-pg: pg\b/);
		expect(app.log).toMatch(/Instrumenting with @opentelemetry\/instrumentation-ioredis: ioredis\b/);
		expect(app.log).toMatch(/Instrumenting with @opentelemetry\/instrumentation-redis: .*@redis\/client/);
	});

	test.skipIf(missing)(
		`make their spans below the load function${missing ? ` (${missing})` : ''}`,
		async () => {
			await using server = await startServer(app.build, { env: env() });
			expect(server.stderr()).toMatch(
				/^adapter-node-otel: tracing .*; instrumentations undici,ioredis,pg,redis\n$/
			);

			for (const [library, result, below] of QUERIES) {
				const page = await (await server.fetch(`/query/${library}`)).text();
				expect(page).toContain(`<p>${result}</p>`);
				const tree = await receiver.waitForTrace(
					(span) => span.attributes['url.path'] === `/query/${library}`
				);
				expect(clientsBelow(tree), printTree(tree)).toEqual(expect.arrayContaining(below));
				receiver.reset();
			}
		}
	);

	test.skipIf(missing)('measure where metrics are on', async () => {
		await using server = await startServer(app.build, {
			env: { ...env(), OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'otlp' }
		});
		await (await server.fetch('/query/pg')).text();
		await server.stop();
		const points = receiver.points.filter(({ scope }) => scope.name === '@opentelemetry/instrumentation-pg');
		expect(points.find(({ name }) => name === 'db.client.operation.duration')).toMatchObject({
			kind: 'histogram',
			count: 1,
			attributes: { 'db.operation.name': 'SELECT' }
		});
		// of its pool
		expect(points.map(({ name }) => name)).toContain('db.client.connection.count');
	});

	test.skipIf(missing)('are not affected by OTEL_NODE_DISABLED_INSTRUMENTATIONS and _ENABLED_', async () => {
		const cases = [
			[{ OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'pg,undici' }, 'ioredis,redis', []],
			[
				{ OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'pg' },
				'pg',
				['pg-pool.connect', 'pg.connect', 'pg.query:SELECT postgres']
			]
		] as const;
		for (const [variable, names, below] of cases) {
			await using server = await startServer(app.build, { env: { ...env(), ...variable } });
			expect(server.stderr()).toContain(`; instrumentations ${names}\n`);
			await server.fetch('/query/pg');
			const tree = await receiver.waitForTrace((span) => span.attributes['url.path'] === '/query/pg');
			expect(clientsBelow(tree), printTree(tree)).toEqual(below);
			receiver.reset();
		}
	});

	test('that the environment names but are not installed are logged once', async () => {
		await using server = await startServer(app.build, {
			env: { ...env(), OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,pg,msyql' }
		});
		expect(server.stderr().match(/OTEL_NODE_ENABLED_INSTRUMENTATIONS names "msyql"/g)).toHaveLength(1);
	});
});
