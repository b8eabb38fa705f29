import { writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';

import { combinations } from '../e2e/combinations.ts';
import { missingPostgres, startPostgres } from '../services/postgres.ts';
import { missingRedis, startRedis } from '../services/redis.ts';
import { type App, type AppOptions, buildApp } from '../support/app.ts';
import { startApiStub } from '../support/api-stub.ts';
import { matrix } from '../support/matrix.ts';
import { PINNED, versionsOf } from './pinned.ts';
import { type Run, run } from './run.ts';
import { publishTable, readTable, tableOf } from './table.ts';

/** With the newest of everything, for a scheduled run. */
const isNewest = process.env['NEWEST'] === '1';

const missing = { postgres: missingPostgres(), redis: missingRedis() };
const routes = Object.keys(PINNED).filter((route) => !PINNED[route]!.needs || !missing[PINNED[route]!.needs]);
const instrumentations = Object.values(PINNED).map(({ instrumentation: [name] }) => name);

const build = (options: AppOptions): Promise<App> => buildApp({ ...options, overlays: ['side-by-side'] });

/** The settings of both sides, so that both trace everything and say the same. */
const on = {
	OTEL_SERVICE_NAME: 'shop',
	OTEL_METRICS_EXPORTER: 'none',
	OTEL_LOGS_EXPORTER: 'none',
	OTEL_PROPAGATORS: 'tracecontext',
	// a busy machine loses no spans
	OTEL_EXPORTER_OTLP_TIMEOUT: '60000'
};

const ours = { ...on, OTEL_SVELTEKIT_QUERY_PARAMETERS: '*' };
// the servers of libraries are traced from the arrival of a request, as by upstream's instrumentation of `http`
const preload = ['--import', './build/otel/register.js'];

const upstream = { ...on, INSTRUMENTATIONS: JSON.stringify(instrumentations) };
const withLoader = {
	...upstream,
	INCLUDE: JSON.stringify([
		...Object.values(PINNED).flatMap(({ packages }) => Object.keys(packages)),
		'http',
		'dns',
		'dns/promises'
	])
};

const runs: Record<string, Run> = {};

beforeAll(async () => {
	const dependencies = versionsOf(isNewest);
	await using api = await startApiStub();
	const postgres = missing.postgres ? undefined : await startPostgres();
	const redis = missing.redis ? undefined : await startRedis();
	const services = {
		API_URL: api.url,
		...(postgres && { POSTGRES_URL: postgres.url }),
		...(redis && { REDIS_URL: redis.url })
	};
	const add = async (name: string, app: App, env: Record<string, string>, execArgv: string[] = []) => {
		runs[name] = await run(app, routes, { execArgv, env: { ...services, ...env } });
	};

	try {
		const reference = await build({
			combination: 'kit-3',
			adapter: '@sveltejs/adapter-node',
			packageJson: { dependencies }
		});
		await add('plain', reference, {});
		await add('upstream', reference, upstream, ['--import', './upstream.mjs']);
		await add('upstream with its loader', reference, withLoader, ['--import', './upstream.mjs']);
		for (const combination of combinations) {
			// SvelteKit 3 copies what is in devDependencies, and SvelteKit 2 bundles it
			const field = matrix[combination].generation === 3 ? 'devDependencies' : 'dependencies';
			const app = await build({ combination, packageJson: { [field]: dependencies } });
			await add(`${combination} off`, app, {});
			await add(`${combination} on`, app, ours, preload);
		}
	} finally {
		await postgres?.stop();
		await redis?.stop();
	}
	const dump = process.env['DUMP'];
	if (dump) await writeFile(dump, JSON.stringify(runs, null, '\t'));
});

/** What instrumentations add to a line of a log is not there without them. */
const withoutIds = (answer: string): string =>
	answer.replace(/,?"(?:trace_id|span_id|trace_flags)":"[^"]*"/g, '');

/** Some libraries are traced only with upstream's loader, others only without it, and some break with it. */
function bestOfUpstream(route: string): Run {
	const [without, withIt] = [runs['upstream']!, runs['upstream with its loader']!];
	const answers = withoutIds(withIt.answers[route]!) === withoutIds(runs['plain']!.answers[route]!);
	return answers && withIt.spans[route]!.length > without.spans[route]!.length ? withIt : without;
}

/** Whether a line says that an instrumentation and its library do not go together, as the newest of both may not. */
function isUnfit(line: string): boolean {
	const unfit =
		/^adapter-node-otel: (\S+) (?:does not support \S+ \d.* \(it supports .*\d.*\): it is left out\.|\d\S+ could not patch \S+ \d\S+ \()/;
	return instrumentations.includes(unfit.exec(line)?.[1] ?? '');
}

/** The same lines for the pinned versions, which are all supported. */
const pinnedLines = (): unknown[] =>
	Object.values(PINNED)
		.filter(({ isBroken }) => isBroken)
		.map(({ packages, instrumentation }) => {
			const [[name, version]] = Object.entries(packages) as [[string, string]];
			return expect.stringContaining(`${instrumentation.join(' ')} could not patch ${name} ${version} (`);
		});

describe.each(combinations)('%s', (combination) => {
	test.each(routes)('%s has the same results as without telemetry, off and on', (route) => {
		const plain = runs['plain']!.answers[route]!;
		expect(plain).toMatch(/^200 /);
		expect(runs[`${combination} off`]!.answers[route]).toBe(plain);
		expect(withoutIds(runs[`${combination} on`]!.answers[route]!)).toBe(withoutIds(plain));
	});

	test.each(routes.filter((route) => !PINNED[route]!.isBetter))('%s is traced as by upstream', (route) => {
		const own = runs[`${combination} on`]!;
		const best = bestOfUpstream(route);
		expect(own.answers[route]).toBe(best.answers[route]);
		expect(own.spans[route]).toEqual(best.spans[route]);
	});

	test.each(routes.filter((route) => PINNED[route]!.isBetter))(
		'%s is traced, and not, or not as well, by upstream',
		(route) => {
			const own = runs[`${combination} on`]!;
			const best = bestOfUpstream(route);
			expect(own.spans[route]!.length).toBeGreaterThanOrEqual(best.spans[route]!.length);
			const isSame =
				own.answers[route] === best.answers[route] && isDeepStrictEqual(own.spans[route], best.spans[route]);
			expect(isSame && !isNewest, 'is as by upstream by now: no longer isBetter').toBe(false);
			expect(own.spans[route]).toEqual(runs[`${combinations.at(-1)!} on`]!.spans[route]);
		}
	);

	test('creates no other spans, and logs only what is started and what cannot be patched', () => {
		const { strays, stderr } = runs[`${combination} on`]!;
		expect(runs['upstream with its loader']!.strays).toEqual(expect.arrayContaining(strays));
		// what instrumentations say themselves, upstream says only with a logger; the receiver may be slow
		const lines = stderr
			.split('\n')
			.filter((line) => line && !/otel: (?:OpenTelemetry|collector)\b/.test(line));
		const isStart = (line: string): boolean => line.startsWith('adapter-node-otel: tracing shop; ');
		expect(lines.filter(isStart)).toHaveLength(1);
		const others = lines.filter((line) => !isStart(line));
		expect(others).toEqual(isNewest ? others.filter(isUnfit) : pinnedLines());
	});
});

test.skipIf(isNewest || routes.length < Object.keys(PINNED).length)(
	'the manual lists what works, as it was seen',
	async () => {
		const table = tableOf(runs[`${combinations.at(-1)!} on`]!);
		if (process.env['PUBLISH'] === '1') await publishTable(table);
		expect(await readTable()).toBe(table);
	}
);
