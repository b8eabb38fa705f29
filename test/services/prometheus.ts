import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, reasonToSkip } from './find-program.ts';
import { startServer, withDirectory, withFreePorts } from './process.ts';
import type { RunningServer } from './process.ts';

/** A series that answers a query, and its value now. */
export interface Sample {
	metric: Record<string, string>;
	value: number;
}

/** A series that answers a query, and its values over time. */
export interface Range {
	metric: Record<string, string>;
	values: [seconds: number, value: number][];
}

/** A measurement that leads to a trace. */
export interface Exemplar {
	labels: { trace_id?: string; span_id?: string };
	value: string;
}

/** A rule that has been loaded. */
export interface Rule {
	group: string;
	name: string;
	query: string;
	/** `ok`, `err`, or `unknown` before it has been evaluated. */
	health: string;
	lastError?: string;
}

export interface Prometheus extends RunningServer {
	url: string;
	/** Asks for the value of an expression now. */
	query(expression: string): Promise<Sample[]>;
	/** Asks for the values of an expression in the last seconds, one a second. */
	queryRange(expression: string, seconds: number): Promise<Range[]>;
	/** Asks for the exemplars of the last minutes. */
	queryExemplars(expression: string): Promise<Exemplar[]>;
	rules(): Promise<Rule[]>;
}

/** A Prometheus that is not the installed one. */
export interface PrometheusBinary {
	command: string;
	/** What it is started with in addition. */
	args: readonly string[];
	/** What its configuration has in addition. */
	config?: object;
}

/** Why a Prometheus cannot be started here, in one line; undefined if it can. */
export function missingPrometheus(): string | undefined {
	return findProgram('prometheus')
		? undefined
		: reasonToSkip('Prometheus is not installed: run `sh test/services/install.sh`');
}

/**
 * Starts a Prometheus of its own on a free port of the loopback interface, which scrapes every half second.
 *
 * @param targets host and port of what it scrapes, by job
 * @param rules a rule file
 * @param directory where it keeps what it has scraped; removed at the end
 * @param binary what is started; the installed one by default
 */
export async function startPrometheus(
	targets: Readonly<Record<string, string>>,
	rules: string,
	directory: string,
	binary: PrometheusBinary = { command: findProgram('prometheus')!, args: [] }
): Promise<Prometheus> {
	await mkdir(directory, { recursive: true });
	const config = {
		...binary.config,
		global: { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '500ms' },
		rule_files: [join(directory, 'rules.yaml')],
		scrape_configs: Object.entries(targets).map(([job, target]) => ({
			job_name: job,
			static_configs: [{ targets: [target] }]
		}))
	};
	await writeFile(join(directory, 'rules.yaml'), rules);
	// JSON is YAML
	await writeFile(join(directory, 'prometheus.yaml'), JSON.stringify(config));
	const start = () =>
		withFreePorts(1, async ([port]): Promise<Prometheus> => {
			const api = async (path: string): Promise<unknown> => {
				const res = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`);
				const { status, data, error } = (await res.json()) as Record<string, unknown>;
				if (status !== 'success') throw new Error(`${path}: ${String(error)}`);
				return data;
			};
			const server = await startServer({
				command: binary.command,
				args: [
					`--config.file=${join(directory, 'prometheus.yaml')}`,
					`--storage.tsdb.path=${join(directory, 'data')}`,
					`--web.listen-address=127.0.0.1:${port}`,
					...binary.args
				],
				cwd: directory,
				isReady: (output) => output.includes('Server is ready to receive web requests')
			});
			return {
				...server,
				url: `http://127.0.0.1:${port}`,
				async query(expression) {
					const data = await api(`query?query=${encodeURIComponent(expression)}`);
					const { result } = data as { result: { metric: Sample['metric']; value: [number, string] }[] };
					return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }));
				},
				async queryRange(expression, seconds) {
					const end = Math.floor(Date.now() / 1000);
					const data = await api(
						`query_range?query=${encodeURIComponent(expression)}&start=${end - seconds}&end=${end}&step=1`
					);
					const { result } = data as { result: { metric: Sample['metric']; values: [number, string][] }[] };
					return result.map(({ metric, values }) => ({
						metric,
						values: values.map(([at, value]) => [at - end + seconds, Number(value)])
					}));
				},
				async queryExemplars(expression) {
					const end = Math.ceil(Date.now() / 1000);
					const data = await api(
						`query_exemplars?query=${encodeURIComponent(expression)}&start=${end - 300}&end=${end}`
					);
					return (data as { exemplars: Exemplar[] }[]).flatMap(({ exemplars }) => exemplars);
				},
				async rules() {
					const { groups } = (await api('rules')) as {
						groups: { name: string; rules: Omit<Rule, 'group'>[] }[];
					};
					return groups.flatMap((group) => group.rules.map((rule) => ({ group: group.name, ...rule })));
				}
			};
		});
	return withDirectory(start, directory);
}
