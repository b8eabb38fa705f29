import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type App, buildApp } from '../support/app.ts';
import { type Jaeger, findBinary, queryJaegerTraces, startJaeger } from './harness.ts';
import { askAll, findFaults, settle, startReplicas } from './replicas.ts';

const found = findBinary('jaeger');
const binary = 'path' in found ? found.path : '';

describe.skipIf(!binary)(
	`the real Jaeger${binary ? '' : ` (skipped: ${(found as { missing: string }).missing})`}`,
	() => {
		let app: App;
		let jaeger: Jaeger;

		beforeAll(async () => {
			app = await buildApp({ combination: 'kit-3' });
			jaeger = await startJaeger({ binary });
		});

		afterAll(() => jaeger?.stop());

		test.each(['http/protobuf', 'http/json', 'grpc'])(
			'shows every trace as one tree over %s',
			async (protocol) => {
				const service = `shop-${protocol.replace('/', '-')}`;
				const [server] = await startReplicas(app, [
					{
						OTEL_SERVICE_NAME: service,
						OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
						OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${protocol === 'grpc' ? jaeger.grpcPort : jaeger.httpPort}`
					}
				]);
				const traceIds = await askAll([server!], 100);
				expect(await server!.stop()).toEqual({ code: 0, signal: null });

				const read = () => queryJaegerTraces(jaeger.queryPort, service);
				await settle(async () => (await read()).length, traceIds.length);
				const traces = await read();
				expect(findFaults(traceIds, traces.flat())).toEqual([]);
				expect(new Set(traces.flat().map(({ resource }) => resource['service.name']))).toEqual(
					new Set([service])
				);
			}
		);
	}
);
