import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ofGeneration } from '../e2e/combinations.ts';
import { printTree } from '../otlp/print.ts';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { type Postgres, missingPostgres, startPostgres } from '../services/postgres.ts';
import { type AppOptions, buildApp, copyBuild } from '../support/app.ts';
import { instrumentations } from '../support/libraries.ts';
import { clientsBelow } from '../support/queries.ts';
import { startServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const missing = missingPostgres();

/** Brings `pg` along, in a version of its own. */
const PG_PROMISE = '12.7.1';
const ITS_PG = '8.23.0';
const INSTRUMENTATION = '@opentelemetry/instrumentation-pg';

const page = (code: string): Record<string, string> => ({
	'src/routes/query/+page.server.js': code,
	'src/routes/query/+page.svelte':
		'<script>let { data } = $props();</script><p>{JSON.stringify(data.rows)}</p>'
});

const BY_PG_PROMISE = `
	import pgPromise from 'pg-promise';

	let db;
	export async function load() {
		db ??= pgPromise()(process.env.POSTGRES_URL);
		return { rows: await db.any('SELECT 8 AS eight') };
	}
`;

const BY_BOTH = `
	import pg from 'pg';
	import pgPromise from 'pg-promise';

	export async function load() {
		const db = pgPromise()(process.env.POSTGRES_URL);
		const client = new pg.Client(process.env.POSTGRES_URL);
		await client.connect();
		const { rows } = await client.query('SELECT 9 AS nine');
		await client.end();
		return { rows: [...rows, await db.one('SELECT 8 AS eight')] };
	}
`;

const devDependencies = {
	// as the README has it installed: a peer of the instrumentation
	'@opentelemetry/api': '1.10.0',
	'pg-promise': PG_PROMISE,
	[INSTRUMENTATION]: instrumentations[INSTRUMENTATION]
};

/** Nothing is where it was not asked for. */
const strict = { '.npmrc': 'hoist=false\nauto-install-peers=false\n' };

const cases: [name: string, options: Partial<AppOptions>, rows: object[], told: string[]][] = [
	['npm', { files: page(BY_PG_PROMISE), packageJson: { devDependencies } }, [{ eight: 8 }], []],
	[
		'pnpm without hoisting',
		{
			packageManager: 'pnpm',
			files: { ...page(BY_PG_PROMISE), ...strict },
			packageJson: { devDependencies }
		},
		[{ eight: 8 }],
		[]
	],
	[
		'npm, beside another version of the app',
		{
			files: page(BY_BOTH),
			packageJson: { devDependencies: { ...devDependencies, pg: '8.23.1' } }
		},
		[{ nine: 9 }, { eight: 8 }],
		[
			`pg is bundled into the server, where ${INSTRUMENTATION} cannot see it: there will be no spans of it. There are two copies: 8.23.1, which is traced, and ${ITS_PG}. Install one version for both`
		]
	]
];

describe.each(ofGeneration(3))('a library that another package brings along, %s', (combination) => {
	let receiver: Receiver;
	let postgres: Postgres;

	beforeAll(async () => {
		receiver = await startReceiver();
		if (!missing) postgres = await startPostgres();
	});
	afterAll(async () => {
		await receiver?.stop();
		await postgres?.stop();
	});

	test.skipIf(missing).each(cases)(
		`is traced where there is no node_modules, installed by %s${missing ? ` (${missing})` : ''}`,
		// each has an installation and a build of its own
		{ timeout: 240_000 },
		async (_, options, rows, told) => {
			const app = await buildApp({ combination, ...options });
			const messages = [...app.log.matchAll(/adapter-node-otel: (.*)/g)].map(([, message]) => message);
			expect(messages).toEqual(told);

			const dir = makeTempDir();
			await using server = await startServer(await copyBuild(app, dir), {
				env: {
					POSTGRES_URL: postgres.url,
					OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
					OTEL_BSP_SCHEDULE_DELAY: '50'
				}
			});
			receiver.reset();
			expect(await (await server.fetch('/query')).text()).toContain(JSON.stringify(rows));
			const tree = await receiver.waitForTrace(({ name }) => name === 'GET /query');
			expect(clientsBelow(tree), printTree(tree)).toContain('pg.query:SELECT postgres');
		}
	);
});
