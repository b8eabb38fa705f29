import type { LineCost } from './line-costs.ts';
import type { Spread } from './statistics.ts';
import { type GroupResults, type Results, type Row, noiseOf } from './results.ts';
import { WARM_UPS } from './round.ts';
import type { SpanCost } from './span-costs.ts';
import { type GroupId, NOISE, PLAIN, groups } from './variants.ts';

/** The results as Markdown. */
export function renderTables({ groups: measured, spanCosts, lineCosts }: Results): string {
	return [
		...(Object.keys(groups) as GroupId[]).flatMap((group) => {
			const results = measured[group];
			return results ? [renderGroup(results, group)] : [];
		}),
		...(spanCosts.length > 0 ? [renderSpanCosts(spanCosts)] : []),
		...(lineCosts.length > 0 ? [renderLineCosts(lineCosts)] : [])
	].join('\n\n');
}

function renderGroup(results: GroupResults, group: GroupId): string {
	const { rows, effort } = results;
	const plain = rows.find(({ id }) => id === PLAIN)!;
	const noise = noiseOf(rows);
	const withDeployment = rows.some(({ deployment }) => deployment);
	const columns: [string, (row: Row) => string][] = [
		[groups[group].title, ({ title }) => title],
		['CPU per request', (row) => renderRatio(row, noise)],
		['requests/s', ({ requestsPerSecond }) => requestsPerSecond.toFixed(0)],
		['p50 / p99', ({ p50Ms, p99Ms }) => `${p50Ms.toFixed(1)} / ${p99Ms.toFixed(1)} ms`],
		['start-up CPU', (row) => renderDifference(row.startCpuMs.median, plain.startCpuMs.median, 'ms', row)],
		['listening after', ({ listeningMs }) => `${listeningMs.toFixed(0)} ms`],
		['memory at start', (row) => renderDifference(row.startMemoryMb, plain.startMemoryMb, 'MB', row)],
		['under load', ({ loadMemoryMb }) => `${loadMemoryMb.toFixed(0)} MB`],
		...(withDeployment
			? [
					['added to the deployment', (row: Row) => renderDeployment(row, plain)] as [
						string,
						(row: Row) => string
					]
				]
			: []),
		['spans: a request, lost', renderSpans]
	];
	return [
		`| ${columns.map(([title]) => title).join(' | ')} |`,
		`|${columns.map((_, index) => (index === 0 ? ' --- ' : ' ---: ')).join('|')}|`,
		...rows.map((row) => `| ${columns.map(([, render]) => render(row)).join(' | ')} |`),
		...(noise === undefined
			? []
			: ['', `A difference below ${(noise * 100).toFixed(1)} % is noise here, and marked ≈.`]),
		'',
		`Measured on ${results.date} with SvelteKit ${results.kit}, Node ${results.node}, on ${results.machine}${
			results.pinned ? '; the server has a core of its own' : ''
		}. Medians of ${effort.rounds} rounds with new processes, each after ${effort.warmUpRequests * WARM_UPS} requests; in brackets the quartiles.`
	].join('\n');
}

function renderRatio({ id, ratio, failures }: Row, noise: number | undefined): string {
	if (id === PLAIN) return '1.00';
	const isNoise = id !== NOISE && noise !== undefined && Math.abs(ratio.median - 1) <= noise;
	const failed = failures > 0 ? `, ${failures} failed` : '';
	return `${isNoise ? '≈ ' : ''}${ratio.median.toFixed(3)} (${renderRange(ratio)}${failed})`;
}

const renderRange = ({ low, high }: Spread): string => `${low.toFixed(2)}–${high.toFixed(2)}`;

function renderDifference(value: number, plain: number, unit: string, { id }: Row): string {
	const difference = Math.round(value - plain);
	return `${value.toFixed(0)} ${unit}${id === PLAIN ? '' : ` (${difference < 0 ? '−' : '+'}${Math.abs(difference)})`}`;
}

function renderDeployment({ id, deployment }: Row, plain: Row): string {
	if (id === PLAIN || !deployment || !plain.deployment) return '';
	const bytes = deployment.bytes - plain.deployment.bytes;
	const files = deployment.files - plain.deployment.files;
	return `${(bytes / 1e6).toFixed(1)} MB, ${files} files`;
}

function renderSpans({ spans }: Row): string {
	if (!spans) return '';
	const lost = Math.max(spans.made - spans.arrived, 0);
	return `${spans.perRequest}, ${lost} of ${spans.made}`;
}

function renderSpanCosts(spanCosts: readonly SpanCost[]): string {
	const counts = [...new Set(spanCosts.map(({ spans }) => spans))];
	const titles = [...new Set(spanCosts.map(({ title }) => title))];
	const cell = (title: string, spans: number): string => {
		const cost = spanCosts.find((candidate) => candidate.title === title && candidate.spans === spans);
		return cost ? `${cost.microseconds.toFixed(2)} µs` : '';
	};
	return [
		`| CPU time of each span after the first, export included | ${counts.map((count) => `${count} in a request`).join(' | ')} |`,
		`| --- |${counts.map(() => ' ---: ').join('|')}|`,
		...titles.map((title) => `| ${title} | ${counts.map((count) => cell(title, count)).join(' | ')} |`)
	].join('\n');
}

/** The cost of one line. */
export function renderLineCosts(lineCosts: readonly LineCost[]): string {
	const [{ microseconds: plain } = { microseconds: 0 }] = lineCosts;
	const most = Math.max(...lineCosts.map(({ microseconds }) => microseconds - plain));
	return [
		'| CPU time of one line of the console | | more than printing | of an exported line |',
		'| --- | ---: | ---: | ---: |',
		...lineCosts.map(({ title, microseconds }) => {
			const more = microseconds - plain;
			return `| ${title} | ${microseconds.toFixed(2)} µs | ${more.toFixed(2)} µs | ${(more / most).toFixed(2)} |`;
		})
	].join('\n');
}
