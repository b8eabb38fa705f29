import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { BuildManifest } from '../../files/types/build-manifest.d.ts';
import { startReceiver } from '../otlp/receiver.ts';
import { proxyEnvironment, startProxy } from '../support/proxy.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { runTraced } from '../support/traced-process.ts';

/** A build without a server, of which only telemetry is there. */
function createBuild(): string {
	const build = makeTempDir();
	cpSync(join(import.meta.dirname, '../../dist/files/otel'), join(build, 'otel'), { recursive: true });
	const manifest: BuildManifest = {
		app: { name: 'gone' },
		appDir: '_app',
		base: '',
		defaults: { serviceName: 'gone' },
		distro: { name: 'adapter-node-otel', version: '1.0.0' },
		envPrefix: '',
		instrumentations: [],
		routes: 'src/routes'
	};
	writeFileSync(join(build, 'otel/build-manifest.js'), `export default ${JSON.stringify(manifest)};`);
	writeFileSync(join(build, 'package.json'), '{ "type": "module" }');
	return build;
}

/** Telemetry of all signals, after the files that it was started from are gone. */
const work = (otel: string): string => `
	const { rmSync } = await import('node:fs');
	rmSync(${JSON.stringify(otel)}, { recursive: true });
	metrics.getMeter('unit').createCounter('a').add(1);
	console.log('a line');
	tracer.startActiveSpan('late', (span) => {
		span.recordException(new Error('late'));
		span.end();
	});
	await fetch('http://127.0.0.1:1/').catch(() => {});
`;

const SIGNALS = {
	OTEL_METRICS_EXPORTER: 'otlp,console',
	OTEL_LOGS_EXPORTER: 'otlp',
	OTEL_TRACES_EXPORTER: 'otlp,console',
	OTEL_SVELTEKIT_KEEP_ERRORS: 'true',
	OTEL_PROPAGATORS: 'tracecontext,baggage,b3,jaeger,xray'
};

test.each(['http/protobuf', 'http/json', 'grpc', 'grpc through a proxy'])(
	'nothing is read after the start: %s',
	async (how) => {
		const isGrpc = how.startsWith('grpc');
		await using receiver = await startReceiver({ grpc: isGrpc });
		await using proxy = await startProxy(() => receiver.grpcPort);
		const build = createBuild();
		const { stderr } = await runTraced(
			build,
			{
				...SIGNALS,
				OTEL_EXPORTER_OTLP_PROTOCOL: how.split(' ')[0]!,
				OTEL_EXPORTER_OTLP_ENDPOINT: isGrpc ? receiver.grpcUrl : receiver.url,
				...(how.endsWith('proxy') && {
					...proxyEnvironment(proxy),
					OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.test:4317'
				})
			},
			work(join(build, 'otel'))
		);
		expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('tracing gone')]);
		expect(receiver.spans.map(({ name }) => name)).toContain('late');
		expect(receiver.logs.map(({ body }) => body)).toContain('a line');
		expect(receiver.points.map(({ name }) => name)).toContain('a');
		expect(proxy.asked.length > 0).toBe(how.endsWith('proxy'));
	}
);

test('a failed export is logged as ever', async () => {
	await using receiver = await startReceiver();
	receiver.respond = () => ({ status: 401 });
	const build = createBuild();
	const { stderr } = await runTraced(
		build,
		{ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
		work(join(build, 'otel'))
	);
	expect(stderr).toMatch(
		/ does not accept spans: it answers 401 Unauthorized\. \d+ spans? lost so far\. .* Set OTEL_EXPORTER_OTLP_HEADERS\n/
	);
});
