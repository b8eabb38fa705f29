import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { buildApp } from '../support/app.ts';
import { matrix } from '../support/matrix.ts';
import { startCollector } from './collector.ts';
import { countSpans } from './count-spans.ts';
import { shareCores } from './cores.ts';
import { type Deployment, measureDeployment } from './deployment.ts';
import { startLoadGenerator } from './load-generator.ts';
import { drawPlot } from './plot.ts';
import { updateManual } from './manual.ts';
import { type Results, machine, merge, toRows } from './results.ts';
import { type BuiltVariant, type Effort, type Sample, runRound } from './round.ts';
import { measureLineCosts } from './line-costs.ts';
import { measureSpanCosts } from './span-costs.ts';
import { shuffled } from './statistics.ts';
import { renderLineCosts, renderTables } from './table.ts';
import { type GroupId, NOISE, PLAIN, groups, variants } from './variants.ts';

const HELP = `Measures what tracing costs: see docs/performance.md.

npm run bench                      everything, in about two hours
npm run bench -- --quick           the most important of it, in three minutes
npm run bench -- --publish         keeps the results, and writes the tables and the plot into docs/performance.md;
                                   groups that are not measured keep their tables

  --only <ids>      variants by their ids, comma-separated; plain adapter-node is always measured
  --group <ids>     ${Object.keys(groups).join(', ')}
  --rounds <n>      rounds with new processes; without it, each group has its own number
  --turns <n>       turns under load in a round
  --no-spans        leaves out the cost of one span
  --lines           nothing but the cost of one line that is printed
  --out <file>      where the results go as JSON; the plot goes beside it`;

/**
 * V8 compiles the code of a server for about 40,000 requests. Until then, requests become cheaper, and rarely used
 * code, such as the code for sampled requests, is compiled last.
 */
const FULL: Omit<Effort, 'rounds'> = { starts: 2, warmUpRequests: 13_500, turns: 8, turnMs: 500 };
const QUICK: Effort = { rounds: 3, starts: 1, warmUpRequests: 800, turns: 6, turnMs: 400 };
/** Where the results go that `docs/performance.md` shows. */
const PUBLISHED = 'test/bench/results/published.json';

const { values: options } = parseArgs({
	options: {
		help: { type: 'boolean' },
		quick: { type: 'boolean' },
		publish: { type: 'boolean' },
		only: { type: 'string' },
		group: { type: 'string' },
		rounds: { type: 'string' },
		turns: { type: 'string' },
		spans: { type: 'boolean', default: true },
		lines: { type: 'boolean' },
		out: { type: 'string' }
	},
	allowNegative: true
});

if (options.publish && (options.only || options.quick)) {
	throw new Error('--publish replaces whole tables: it goes with --group, not with --only or --quick');
}
if (options.help) console.log(HELP);
else if (options.lines) await measureLines();
else await main();

async function measureLines(): Promise<void> {
	const app = await buildApp({ combination: 'kit-3' });
	const collector = await startCollector();
	try {
		const rounds = Number(options.rounds ?? 3);
		console.log(renderLineCosts(await measureLineCosts(app.build, collector, shareCores(), rounds)));
	} finally {
		await collector.stop();
	}
}

async function main(): Promise<void> {
	const built = await build();
	const deployments = new Map<string, Deployment>();
	if (!options.quick) {
		for (const variant of built) deployments.set(keyOf(variant), await measureDeployment(variant));
	}

	const cores = shareCores();
	const collector = await startCollector();
	const load = startLoadGenerator(cores);
	const results: Results = { groups: {}, spanCosts: [], lineCosts: [] };

	try {
		for (const group of Object.keys(groups) as GroupId[]) {
			const members = built.filter((variant) => variant.group === group);
			if (members.length === 0) continue;
			const effort = effortOf(group);
			const rounds: Map<string, Sample>[] = [];
			for (let round = 1; round <= effort.rounds; round++) {
				rounds.push(await runRound(shuffled(members), effort, { collector, load, cores }));
				console.error(`${groups[group].title}: round ${round} of ${effort.rounds}; ${tell(members, rounds)}`);
			}
			const ofGroup = new Map(members.map((variant) => [variant.id, deployments.get(keyOf(variant))!]));
			results.groups[group] = {
				date: new Date().toISOString().slice(0, 10),
				machine: machine(),
				node: process.version.slice(1),
				kit: matrix[group === 'kit-2' ? 'kit-2' : 'kit-3'].kit,
				effort,
				pinned: cores.server !== undefined,
				rows: toRows(members, rounds, ofGroup, await countSpans(members, collector))
			};
		}
		const ours = built.find(({ id, group }) => id === 'ours-1' && group === 'kit-3');
		if (options.spans && ours) {
			const rounds = options.quick ? 1 : 3;
			results.spanCosts = await measureSpanCosts(ours.build, collector, cores, rounds);
			results.lineCosts = await measureLineCosts(ours.build, collector, cores, rounds);
		}
	} finally {
		await load.stop();
		await collector.stop();
	}
	await report(results);
}

function effortOf(group: GroupId): Effort {
	const effort = options.quick ? { ...QUICK } : { ...FULL, rounds: groups[group].rounds };
	if (options.rounds) effort.rounds = Number(options.rounds);
	if (options.turns) effort.turns = Number(options.turns);
	return effort;
}

async function build(): Promise<BuiltVariant[]> {
	const ids = options.only?.split(',');
	const wantedGroups = options.group?.split(',') ?? (options.quick ? ['kit-3'] : Object.keys(groups));
	const wanted = variants.filter(({ id, group, quick }) => {
		if (!wantedGroups.includes(group)) return false;
		if (id === PLAIN || id === NOISE) return true;
		return ids ? ids.includes(id) : quick || !options.quick;
	});

	const built: BuiltVariant[] = [];
	for (const variant of wanted) {
		try {
			const app = await buildApp(variant.app);
			built.push({ ...variant, build: app.build });
		} catch (error) {
			// if another package cannot be installed, the other variants are still measured
			if (variant.id === PLAIN || variant.app.adapter === 'adapter-node-otel') throw error;
			console.error(`${variant.id} is left out, its app cannot be built: ${String(error)}`);
		}
	}
	return built;
}

function tell(members: readonly BuiltVariant[], rounds: readonly Map<string, Sample>[]): string {
	return toRows(members, rounds, new Map(), new Map())
		.map(({ id, ratio }) => `${id} ${ratio.median.toFixed(3)}`)
		.join(', ');
}

async function report(measured: Results): Promise<void> {
	const results = options.publish ? merge(await readPublished(), measured) : measured;
	const tables = renderTables(results);
	console.log(`\n${tables}\n`);

	const out = options.out ?? (options.publish ? PUBLISHED : 'test/bench/results/latest.json');
	const plot = out.replace(/\.json$/, '.svg');
	await mkdir(dirname(out), { recursive: true });
	await writeFile(out, `${JSON.stringify(results, null, '\t')}\n`);
	const picture = drawPlot(results);
	if (picture) await writeFile(plot, picture);
	console.error(`Written: ${out}${picture ? ', and beside it the plot' : ''}`);
	if (options.publish) await updateManual(tables, `../${plot}`);
}

async function readPublished(): Promise<Results> {
	return JSON.parse(await readFile(PUBLISHED, 'utf8')) as Results;
}

function keyOf({ group, id }: BuiltVariant): string {
	return `${group}.${id}`;
}
