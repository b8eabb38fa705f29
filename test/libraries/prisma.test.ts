import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Outline, outline } from '../otlp/outline.ts';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { findNode } from '../otlp/tree.ts';
import { type Postgres, missingPostgres, startPostgres } from '../services/postgres.ts';
import { type App, buildApp } from '../support/app.ts';
import { instrumentations } from '../support/libraries.ts';
import { generatePrismaClient, prismaDependencies, prismaInstrumentation } from '../support/prisma.ts';
import { startServer } from '../support/server.ts';
import { combinations } from '../e2e/combinations.ts';

const missing = missingPostgres();

/** Beside Prisma's own, whose base class brings an older import hook along. */
const pg = { '@opentelemetry/instrumentation-pg': instrumentations['@opentelemetry/instrumentation-pg'] };

const FIRST: Outline = ['CLIENT pg-pool.connect', ['CLIENT pg.connect']];
const NEXT: Outline = 'CLIENT pg-pool.connect';

/** What Prisma does before it asks its driver, and what that does. */
const OPERATIONS: [before: string, connection: Outline, query: string][] = [
	['connect', FIRST, 'CREATE'],
	['compile', NEXT, 'INSERT'],
	['compile', NEXT, 'SELECT']
];

describe.skipIf(missing).each(combinations)('Prisma, %s', (combination) => {
	let app: App;
	let receiver: Receiver;
	let postgres: Postgres;

	beforeAll(async () => {
		app = await buildApp({
			combination,
			overlays: ['prisma'],
			files: await generatePrismaClient(),
			packageJson: { dependencies: { ...prismaDependencies, ...prismaInstrumentation, ...pg } }
		});
		receiver = await startReceiver();
		postgres = await startPostgres();
	});
	afterAll(async () => {
		await receiver?.stop();
		await postgres?.stop();
	});

	test('has its spans below the load function, and those of pg below its own', async () => {
		expect(app.log).toContain('Instrumenting with @prisma/instrumentation: @prisma/client');
		expect(app.log).not.toContain('adapter-node-otel:');

		await using server = await startServer(app.build, {
			env: {
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
				OTEL_BSP_SCHEDULE_DELAY: '50',
				POSTGRES_URL: postgres.url
			}
		});
		expect(server.stderr()).toMatch(
			/^adapter-node-otel: tracing .*; instrumentations undici,@prisma\/instrumentation,pg\n$/
		);

		expect(await (await server.fetch('/posts')).text()).toContain('<p>Hello</p>');
		const tree = await receiver.waitForTrace((span) => span.name === 'GET /posts');
		const load = findNode(tree, (span) => span.attributes['sveltekit.load.node_type'] === '+page.server');
		expect(outline(load)).toEqual([
			'sveltekit.load posts/+page.server.js',
			OPERATIONS.map(([before, connection, query]) => [
				'prisma:client:operation',
				[
					'prisma:client:serialize',
					`prisma:client:${before}`,
					['CLIENT prisma:client:db_query', [connection, `CLIENT pg.query:${query} postgres`]]
				]
			])
		]);
		expect(server.stderr().split('\n')).toHaveLength(2);
	});
});
