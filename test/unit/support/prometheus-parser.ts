import { isDeepStrictEqual } from 'node:util';

/** A time series of a scrape. */
export interface Series {
	name: string;
	labels: Record<string, string>;
	value: number;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const META = new RegExp(`^# (HELP|TYPE) (${NAME}) ([^]*)$`);
const SERIES = new RegExp(`^(${NAME})(?:\\{([^]*)\\})? (\\S+)$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:\\[\\"n]|[^\\"\n])*)"(?:,|$)/y;
const VALUE = /^(?:NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]\d+)?)$/;
const SUFFIXES = { histogram: ['_bucket', '_sum', '_count'], gauge: [''], counter: [''], untyped: [''] };

/**
 * Reads Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details).
 * Throws for everything that it does not allow, also for what Prometheus itself lets pass: a family that is not in one
 * piece or has no time series, a time series that is there twice, a histogram without a bucket for all values.
 */
export function parsePrometheus(text: string): Series[] {
	if (!text.endsWith('\n')) throw new Error('the last line does not end');
	const types = new Map<string, keyof typeof SUFFIXES>();
	const families = new Map<string, Series[]>();
	const seen = new Set<string>();
	let family = '';
	const all = text
		.slice(0, -1)
		.split('\n')
		.flatMap((line) => {
			const fail = (why: string): never => {
				throw new Error(`${why}: ${line}`);
			};
			const once = (what: string): void => {
				if (seen.has(what)) fail('twice');
				seen.add(what);
			};
			const [, kind, about = '', type = ''] = META.exec(line) ?? [];
			if (kind) {
				once(`${kind} ${about}`);
				if (kind === 'HELP' && /(?<!\\)(?:\\\\)*\\(?![\\n])/.test(type)) fail('escape');
				if (kind === 'TYPE' && !(type in SUFFIXES)) fail('type');
				if (kind === 'TYPE') types.set(about, type as keyof typeof SUFFIXES);
				family = about;
				families.set(family, []);
				return [];
			}
			if (line.startsWith('#')) return [];
			const [, name = fail('series'), labelText = '', value = ''] = SERIES.exec(line) ?? [];
			if (!VALUE.test(value)) fail('value');
			const suffixes = SUFFIXES[types.get(family) ?? fail('no type')];
			if (!suffixes.some((suffix) => name === family + suffix)) fail(`not of ${family}`);
			const labels = readLabels(labelText, fail);
			// an empty label is the same as none
			const set = Object.entries(labels).filter(([, each]) => each !== '');
			once(JSON.stringify([name, set.toSorted(([a], [b]) => (a < b ? -1 : 1))]));
			const series = { name, labels, value: Number(value.replace('Inf', 'Infinity')) };
			families.get(family)!.push(series);
			return [series];
		});
	for (const [name, series] of families) {
		if (series.length === 0) throw new Error(`no series of ${name}`);
		if (types.get(name) === 'histogram') checkBuckets(name, series);
	}
	return all;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/#histograms-and-summaries */
function checkBuckets(family: string, series: readonly Series[]): void {
	for (const { labels, value } of series.filter(({ name }) => name === `${family}_count`)) {
		const last = { name: `${family}_bucket`, labels: { ...labels, le: '+Inf' }, value };
		if (!series.some((each) => isDeepStrictEqual(each, last)))
			throw new Error(`no bucket of all values of ${family}: ${JSON.stringify(labels)}`);
	}
}

function readLabels(text: string, fail: (why: string) => never): Record<string, string> {
	const labels: Record<string, string> = {};
	LABEL.lastIndex = 0;
	for (let at = 0; at < text.length; at = LABEL.lastIndex) {
		const [, name = fail('label'), value = ''] = LABEL.exec(text) ?? [];
		if (Object.hasOwn(labels, name)) fail(`label ${name} twice`);
		labels[name] = value.replaceAll(/\\(.)/g, (_, code: string) => (code === 'n' ? '\n' : code));
	}
	return labels;
}
