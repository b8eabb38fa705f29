import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { report } from '../reliability/form.ts';
import { type App, buildApp } from '../support/app.ts';
import type { RunningServer } from '../support/server.ts';
import { type Collector, findBinary, readMetrics, readSpans, startCollector } from './harness.ts';
import { askAll, byTrace, findFaults, settle, startReplicas } from './replicas.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const found = findBinary('collector');
const binary = 'path' in found ? found.path : '';
if (!binary && process.env['REQUIRE_COLLECTOR'])
	throw new Error(`The Collector is required here: ${(found as { missing: string }).missing}`);

const requests = 300;

describe.skipIf(!binary)(
	`the real Collector${binary ? '' : ` (skipped: ${(found as { missing: string }).missing})`}`,
	() => {
		let app: App;
		let dir: string;
		const collectors: Collector[] = [];
		const servers: RunningServer[] = [];

		beforeAll(async () => {
			app = await buildApp({ combination: 'kit-3' });
			dir = makeTempDir();
		});

		afterAll(async () => {
			await Promise.all(servers.map((server) => server.stop()));
			await Promise.all(collectors.map((collector) => collector.stop()));
			await rm(dir, { recursive: true, force: true });
		});

		async function collect(configs: string[], env: Record<string, string>): Promise<Collector> {
			const collector = await startCollector({ binary, configs, env });
			collectors.push(collector);
			return collector;
		}

		async function replicas(...environments: Record<string, string>[]): Promise<RunningServer[]> {
			const started = await startReplicas(app, environments);
			servers.push(...started);
			return started;
		}

		const http = ({ httpPort }: Collector): Record<string, string> => ({
			OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${httpPort}`
		});

		/** Spans that a file has once all traces are there, or nothing more comes. */
		async function readAll(file: string, traceIds: readonly string[]): Promise<ReturnType<typeof readSpans>> {
			await settle(() => byTrace(readSpans(file)).size, traceIds.length);
			return readSpans(file);
		}

		const stopAll = (all: readonly RunningServer[]): Promise<unknown> =>
			Promise.all(all.map((server) => server.stop()));

		test.each(['http/protobuf', 'http/json', 'grpc'])(
			'an agent gets every trace whole over %s',
			async (protocol) => {
				const file = join(dir, `agent-${protocol.replace('/', '-')}.json`);
				const agent = await collect(['agent.yaml', 'overlay-file.yaml'], { COLLECTOR_TRACES_FILE: file });
				const running = await replicas({
					OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
					OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${protocol === 'grpc' ? agent.grpcPort : agent.httpPort}`,
					OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip'
				});
				const traceIds = await askAll(running, requests);
				await stopAll(running);
				const spans = await readAll(file, traceIds);
				report(`agent over ${protocol}`, { requests: traceIds.length, spans: spans.length });
				expect(findFaults(traceIds, spans)).toEqual([]);
			}
		);

		test('an agent and a gateway with tail sampling keep every trace with an error, completely', async () => {
			const [all, kept, metrics] = ['all.json', 'kept.json', 'metrics.json'].map((name) => join(dir, name));
			const gateway = await collect(['gateway.yaml', 'overlay-file.yaml', 'overlay-file-metrics.yaml'], {
				COLLECTOR_TRACES_FILE: kept!,
				COLLECTOR_METRICS_FILE: metrics!,
				COLLECTOR_DECISION_WAIT: '2s',
				COLLECTOR_METRICS_INTERVAL: '1s',
				COLLECTOR_SAMPLING_PERCENTAGE: '10'
			});
			const agent = await collect(['agent.yaml', 'overlay-tee.yaml'], {
				COLLECTOR_TRACES_FILE: all!,
				COLLECTOR_GATEWAY: `127.0.0.1:${gateway.grpcPort}`
			});
			const running = await replicas(http(agent));
			const traceIds = await askAll(running, requests);
			await stopAll(running);

			const sent = byTrace(await readAll(all!, traceIds));
			expect(findFaults(traceIds, [...sent.values()].flat())).toEqual([]);
			const failed = traceIds.filter((id) => sent.get(id)!.some(({ status }) => status.code === 2));
			await settle(() => byTrace(readSpans(kept!)).size, Infinity);
			const left = byTrace(readSpans(kept!));

			report('tail sampling', { traces: traceIds.length, 'with an error': failed.length, kept: left.size });
			expect(failed.length).toBeGreaterThan(0);
			expect(left.size).toBeLessThan(traceIds.length);
			expect(failed.filter((id) => left.get(id)?.length !== sent.get(id)!.length)).toEqual([]);
			// whatever is kept is whole
			expect([...left].filter(([id, spans]) => spans.length !== sent.get(id)!.length)).toEqual([]);
			// calls are counted before anything is dropped
			const calls = readMetrics(metrics!).filter(
				({ metric, attributes }) => metric.endsWith('calls') && attributes['span.kind'] === 'SPAN_KIND_SERVER'
			);
			expect(calls.reduce((sum, { value }) => sum + value, 0)).toBe(traceIds.length);
		});

		test('two replicas with two gateways, balanced by trace id: every trace is complete in one of them', async () => {
			const files = ['one.json', 'two.json'].map((name) => join(dir, name));
			const gateways = await Promise.all(
				files.map((file) => collect(['agent.yaml', 'overlay-file.yaml'], { COLLECTOR_TRACES_FILE: file }))
			);
			const balancer = await collect(['balancer.yaml'], {
				COLLECTOR_GATEWAY_ONE: `127.0.0.1:${gateways[0]!.grpcPort}`,
				COLLECTOR_GATEWAY_TWO: `127.0.0.1:${gateways[1]!.grpcPort}`
			});
			const running = await replicas(http(balancer), http(balancer));
			const traceIds = await askAll(running, requests / 2);
			await stopAll(running);

			await settle(
				() => files.reduce((sum, file) => sum + byTrace(readSpans(file)).size, 0),
				traceIds.length
			);
			const [one, two] = files.map((file) => readSpans(file));
			report('balanced', { 'traces at one': byTrace(one!).size, 'at the other': byTrace(two!).size });
			expect(findFaults(traceIds, [...one!, ...two!])).toEqual([]);
			expect([...byTrace(one!).keys()].filter((id) => byTrace(two!).has(id))).toEqual([]);
			expect(Math.min(one!.length, two!.length)).toBeGreaterThan(0);
		});

		test('a collector that is killed under load and restarted: the logged losses are the real ones', async () => {
			const file = join(dir, 'killed.json');
			const first = await collect(['agent.yaml', 'overlay-file.yaml'], {
				COLLECTOR_TRACES_FILE: file,
				COLLECTOR_BATCH_TIMEOUT: '1ms'
			});
			const [server] = await replicas({ ...http(first), OTEL_BSP_SCHEDULE_DELAY: '100' });
			const before = await askAll([server!], requests);
			await readAll(file, before);
			await first.stop('SIGKILL');
			const meanwhile = await askAll([server!], 30);
			await server!.waitForOutput('does not accept spans');
			await collect(['agent.yaml', 'overlay-file.yaml'], first.env);
			await server!.waitForOutput('accepts spans again', { timeoutMs: 30_000 });
			const after = await askAll([server!], requests);
			await server!.stop();

			const traceIds = [...before, ...meanwhile, ...after];
			const spans = await readAll(file, traceIds);
			const told = [...server!.stderr().matchAll(/(\d+) spans? lost/g)].map(([, count]) => Number(count));
			report('killed and restarted', {
				requests: traceIds.length,
				spans: spans.length,
				'told as lost': Math.max(0, ...told)
			});
			// thirty requests fit into the queue
			expect(Math.max(0, ...told)).toBe(0);
			expect(findFaults(traceIds, spans)).toEqual([]);
		});
	}
);
