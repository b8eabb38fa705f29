import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { type App, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { findBinary, readLogs, readMetrics, readSpans, startCollector } from './harness.ts';

const binary = findBinary('collector');
const [path, why] = 'path' in binary ? [binary.path, ''] : ['', `: ${binary.missing}`];

const files = {
	'src/routes/printed/+server.js': `
export function GET() {
	console.warn('printed', { order: 7 });
	return new Response('printed');
}`
};

describe.skipIf(!path).each(combinations.slice(-1))(`%s: a real Collector${why}`, (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildApp({ combination, files });
	});

	test.each(['http/protobuf', 'http/json', 'grpc'])(
		'takes traces, metrics with exemplars, and log records over %s',
		async (protocol) => {
			const directory = makeTempDir();
			const [traces, metrics, logs] = ['traces', 'metrics', 'logs'].map((signal) =>
				join(directory, `${signal}.json`)
			) as [string, string, string];
			const collector = await startCollector({
				binary: path,
				configs: ['agent.yaml', 'overlay-file-signals.yaml'],
				env: { COLLECTOR_TRACES_FILE: traces, COLLECTOR_METRICS_FILE: metrics, COLLECTOR_LOGS_FILE: logs }
			});
			try {
				await using server = await startServer(app.build, {
					env: {
						OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
						OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${protocol === 'grpc' ? collector.grpcPort : collector.httpPort}`,
						OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
						OTEL_METRICS_EXPORTER: 'otlp',
						OTEL_LOGS_EXPORTER: 'otlp'
					}
				});
				for (let i = 0; i < 3; i++) await (await server.fetch('/printed')).text();
				await server.stop();
				expect(server.stderr().replace(/^adapter-node-otel: tracing .*\n/, '')).toMatch(
					/^(printed \{ order: 7 \}\n){3}$/
				);
			} finally {
				await collector.stop();
			}
			const traceIds = readSpans(traces)
				.filter(({ name }) => name === 'GET /printed')
				.map(({ traceId }) => traceId)
				.sort();
			expect(traceIds).toHaveLength(3);
			const duration = readMetrics(metrics).find(
				({ metric, attributes }) =>
					metric === 'http.server.request.duration' && attributes['http.route'] === '/printed'
			)!;
			expect(duration.value).toBe(3);
			expect(duration.exemplars.length).toBeGreaterThan(0);
			expect(traceIds).toEqual(expect.arrayContaining(duration.exemplars));
			const printed = readLogs(logs).filter(({ traceId }) => traceId !== '');
			expect(printed.map(({ body }) => body)).toEqual(Array(3).fill('printed { order: 7 }'));
			expect(printed.map(({ traceId }) => traceId).sort()).toEqual(traceIds);
			expect(new Set(printed.map(({ severityText }) => severityText))).toEqual(new Set(['WARN']));
		}
	);
});
