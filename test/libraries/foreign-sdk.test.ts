import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { outline } from '../otlp/outline.ts';
import { type App, buildApp } from '../support/app.ts';
import { withInstrumentationFile } from '../support/instrumentation-file.ts';
import { matrix } from '../support/matrix.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { combinations } from '../e2e/combinations.ts';

// https://svelte.dev/docs/kit/observability, character for character: this is what people have.
const RECIPE = `import { NodeSDK } from '@opentelemetry/sdk-node';
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { register } from 'import-in-the-middle/register-hooks.mjs';

register();

const sdk = new NodeSDK({
	serviceName: 'test-sveltekit-tracing',
	traceExporter: new OTLPTraceExporter(),
	instrumentations: [getNodeAutoInstrumentations()]
});

sdk.start();
`;

const DEPENDENCIES = {
	'@opentelemetry/sdk-node': '0.301.0',
	'@opentelemetry/auto-instrumentations-node': '0.82.0',
	'@opentelemetry/exporter-trace-otlp-proto': '0.301.1',
	'import-in-the-middle': '3.6.0'
};

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** Says what is loaded of it. */
const NO_SDK = `
	import { registerHooks } from 'node:module';
	registerHooks({
		load(url, context, next) {
			if (url.includes('sdk-node')) console.log(url);
			return next(url, context);
		}
	});
`;

// its import hook, which is not ours, wants Node 22.22.3 or later
describe.skipIf(process.env['TEST_NODE'] === '22.17.0').each(combinations)(
	'the recipe of the SvelteKit documentation, %s',
	(combination) => {
		let app: App;
		let receiver: Receiver;

		beforeAll(async () => {
			receiver = await startReceiver();
			const base = withInstrumentationFile(combination, RECIPE);
			app = await buildApp({
				...base,
				kit: { ...base.kit, ...(matrix[combination].generation === 3 && { tracing: { server: true } }) },
				packageJson: { dependencies: DEPENDENCIES }
			});
		});
		afterEach(() => receiver.reset());
		afterAll(() => receiver?.stop());

		const env = (): Record<string, string> => ({
			OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
			OTEL_BSP_SCHEDULE_DELAY: '50',
			OTEL_NODE_RESOURCE_DETECTORS: 'none'
		});

		async function expectOneTree(server: RunningServer, headers: Record<string, string>): Promise<void> {
			receiver.reset();
			expect((await server.fetch('/etag', { headers })).status).toBe(200);
			await receiver.waitForSpans((spans) => spans.some((span) => span.kind === 'SERVER'));
			const { traceId } = receiver.spans.find((span) => span.kind === 'SERVER')!;
			const tree = await receiver.waitForTrace(traceId);

			expect(outline(tree)).toEqual(['SERVER GET', [['sveltekit.handle.root', expect.anything()]]]);
			expect(tree.span.resource['service.name']).toBe('test-sveltekit-tracing');
			expect(tree.span.parentSpanId).toBe(headers['traceparent']?.split('-')[2]);
		}

		test('keeps its own SERVER span, with the tree of SvelteKit below it', async () => {
			await using server = await startServer(app.build, { env: env() });
			expect(server.stderr()).toBe(
				"adapter-node-otel: src/instrumentation.server has registered an OpenTelemetry SDK, which is used instead of adapter-node-otel's. Remove it to use adapter-node-otel's\n"
			);
			await expectOneTree(server, {});
			await expectOneTree(server, { traceparent: TRACEPARENT });
		});

		test('does so also if our telemetry is off, with the app’s `tracing.server`', async () => {
			// the exporter is named in the recipe
			await using server = await startServer(app.build, { env: { ...env(), OTEL_TRACES_EXPORTER: 'none' } });
			expect(server.stderr()).toBe('');
			await expectOneTree(server, { traceparent: TRACEPARENT });
		});

		test('is not loaded with OTEL_SDK_DISABLED=true', async () => {
			await using server = await startServer(app.build, {
				env: { ...env(), OTEL_SDK_DISABLED: 'true' },
				execArgv: ['--import', `data:text/javascript,${encodeURIComponent(NO_SDK)}`]
			});
			expect((await server.fetch('/etag')).status).toBe(200);
			expect(server.stdout()).not.toContain('sdk-node');
		});
	}
);
