import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { combinations, isWholeMatrix } from '../e2e/combinations.ts';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { type App, buildApp } from '../support/app.ts';
import { withInstrumentationFile } from '../support/instrumentation-file.ts';
import { matrix } from '../support/matrix.ts';
import { startServer } from '../support/server.ts';

/** An SDK of the app's own, which registers something else first. */
const FILE = `
	import { DiagConsoleLogger, DiagLogLevel, ROOT_CONTEXT, context, createNoopMeter, diag, metrics, propagation } from '@opentelemetry/api';
	import { NodeSDK } from '@opentelemetry/sdk-node';

	const noPropagator = { inject() {}, extract: (active) => active, fields: () => [] };
	const noContext = {
		active: () => ROOT_CONTEXT,
		with: (_, call, self, ...args) => Reflect.apply(call, self, args),
		bind: (_, target) => target
	};
	const FIRST = {
		diag: () => diag.setLogger(new DiagConsoleLogger(), DiagLogLevel.ERROR),
		metrics: () => metrics.setGlobalMeterProvider({ getMeter: () => createNoopMeter() }),
		propagation: () => propagation.setGlobalPropagator(noPropagator),
		context: () => context.setGlobalContextManager(noContext)
	};
	FIRST[process.env.FIRST]();
	process.env.OTEL_EXPORTER_OTLP_ENDPOINT = process.env.RECEIVER;
	new NodeSDK({ serviceName: 'its-own' }).start();
`;

/** Generations of it, with the newest API that each asks for. */
const GENERATIONS = [
	{ sdk: '0.41.2', api: '1.4.1' },
	{ sdk: '0.52.1', api: '1.8.0' },
	{ sdk: '0.215.0', api: '1.9.1' }
];

/** The newest first. Each is an installation and a build of its own: the others are for the whole matrix. */
const PLACED = [
	...GENERATIONS.toReversed().map((generation) => ({ ...generation, field: 'dependencies' })),
	{ ...GENERATIONS.at(-1)!, field: 'devDependencies' }
];

describe.each(combinations)('%s', (combination) => {
	describe.each(isWholeMatrix ? PLACED : PLACED.slice(0, 1))(
		"the app's own SDK $sdk, with API $api in $field",
		({ sdk, api, field }) => {
			let app: App;
			let receiver: Receiver;

			beforeAll(async () => {
				receiver = await startReceiver();
				const base = withInstrumentationFile(combination, FILE);
				const other = field === 'dependencies' ? {} : { [field]: { '@opentelemetry/api': api } };
				app = await buildApp({
					...base,
					kit: { ...base.kit, ...(matrix[combination].generation === 3 && { tracing: { server: true } }) },
					packageJson: {
						dependencies: {
							'@opentelemetry/sdk-node': sdk,
							...(field === 'dependencies' && { '@opentelemetry/api': api })
						},
						...other
					}
				});
			});
			afterEach(() => receiver.reset());
			afterAll(() => receiver?.stop());

			describe.each(['off', 'on'])('%s', (mode) => {
				test.each(['diag', 'metrics', 'propagation', 'context'])(
					'traces where %s was registered first',
					async (first) => {
						await using server = await startServer(app.build, {
							env: {
								FIRST: first,
								RECEIVER: receiver.url,
								...(mode === 'on' && { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url })
							}
						});
						expect((await server.fetch('/etag')).status).toBe(200);
						await receiver.waitForSpans((spans) =>
							spans.some(({ name }) => name === 'sveltekit.handle.root')
						);
						expect(receiver.spans[0]!.resource['service.name']).toBe('its-own');
						expect(server.stderr()).not.toContain('does not match previously registered');
						expect(server.stderr().includes("which is used instead of adapter-node-otel's")).toBe(
							mode === 'on'
						);
					}
				);
			});
		}
	);
});
