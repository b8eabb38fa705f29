import { type Context, type TextMapPropagator, diag } from '@opentelemetry/api';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createPropagator } from '../../files/config/propagator.ts';
import { createResource } from '../../files/config/resource.ts';
import { createSampler } from '../../files/traces/sampler.ts';
import type { OtlpSettings } from '../../files/config/settings.ts';
import { readEnvironment } from './support/read-environment.ts';

/*
 * The SDK defines what the environment means. Its own functions for that read `process.env` and come
 * with every exporter there is, so ours replace them; here the results of both are compared. They are not
 * exported, so they are imported by path.
 */
const modules = new URL('../../node_modules/@opentelemetry/', import.meta.url);
// oxlint-disable-next-line typescript/no-explicit-any
const upstream = (file: string): Promise<any> => import(new URL(file, modules).href);

const sdk = await upstream('sdk-node/dist/create-from-env.mjs');
const http = await upstream(
	'otlp-exporter-base/dist/platform/node/configuration/otlp-node-http-env-configuration.mjs'
);
const grpc = await upstream('otlp-grpc-exporter-base/dist/configuration/otlp-grpc-env-configuration.mjs');
const grpcUrl = await upstream('otlp-grpc-exporter-base/dist/configuration/otlp-grpc-configuration.mjs');

afterEach(() => {
	vi.unstubAllEnvs();
	diag.disable();
});

/** Asks upstream in the given environment. */
function ask<T>(env: Record<string, string>, question: () => T): T {
	for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
	return question();
}

const read = async (env: Record<string, string>) => (await readEnvironment(env)).settings!;

describe('the sampler is that of upstream', () => {
	test.each([
		{ OTEL_TRACES_SAMPLER: 'always_on' },
		{ OTEL_TRACES_SAMPLER: 'always_off' },
		{ OTEL_TRACES_SAMPLER: 'traceidratio' },
		{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' },
		{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' },
		{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '1e-3' },
		{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '2' },
		{ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '10%' },
		{ OTEL_TRACES_SAMPLER: 'parentbased_always_on' },
		{ OTEL_TRACES_SAMPLER: 'parentbased_always_off' },
		{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.5' },
		{ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '-1' }
	])('%j', async (env) => {
		expect(createSampler((await read(env)).traces!.sampler).toString()).toBe(
			ask(env, () => sdk.createSamplerFromEnv().toString())
		);
	});

	test.each([{ OTEL_TRACES_SAMPLER: 'unknown' }, { OTEL_TRACES_SAMPLER: ' ' }, {}])(
		'except for %j: upstream ignores an argument without a sampler',
		async (env) => {
			expect(ask(env, () => sdk.createSamplerFromEnv())).toBeUndefined();
			expect((await read({ ...env, OTEL_TRACES_SAMPLER_ARG: '0.1' })).traces!.sampler).toEqual({
				name: 'parentbased',
				root: { name: 'traceidratio', ratio: 0.1 }
			});
		}
	);
});

describe('the span limits are those of upstream', () => {
	const names = [
		'OTEL_ATTRIBUTE_COUNT_LIMIT',
		'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
		'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT',
		'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
		'OTEL_SPAN_EVENT_COUNT_LIMIT',
		'OTEL_SPAN_LINK_COUNT_LIMIT',
		'OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT',
		'OTEL_LINK_ATTRIBUTE_COUNT_LIMIT'
	];
	test.each([
		...names.map((name) => ({ [name]: '7' })),
		...names.map((name) => ({ [name]: 'x' })),
		...names.map((name) => ({ [name]: '' })),
		{ OTEL_ATTRIBUTE_COUNT_LIMIT: '5', OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '6' },
		{ OTEL_ATTRIBUTE_COUNT_LIMIT: '0', OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '0' }
	])('%j', async (env: Record<string, string>) => {
		// what upstream leaves open is the default of the SDK, which knows no length of 0
		const { attributeValueLengthLimit: length, ...limits } = ask(env, sdk.createSpanLimitsFromEnv) as Record<
			string,
			number
		>;
		const known = Object.entries(limits).map(([name, limit]) => [name, limit ?? 128]);
		expect({ attributeValueLengthLimit: Infinity, ...(await read(env)).traces!.spanLimits }).toEqual({
			attributeValueLengthLimit: length || Infinity,
			...Object.fromEntries(known)
		});
	});
});

describe('the batch processor is configured as by upstream', () => {
	test.each([
		{ OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '10' },
		{ OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '100' },
		{ OTEL_BSP_SCHEDULE_DELAY: '1', OTEL_BSP_EXPORT_TIMEOUT: '2' },
		{ OTEL_BSP_MAX_QUEUE_SIZE: '-1', OTEL_BSP_SCHEDULE_DELAY: 'x', OTEL_BSP_EXPORT_TIMEOUT: '0' }
	])('%j', async (env) => {
		const processor = ask(env, () => sdk.createBatchSpanProcessorFromEnv({ shutdown: async () => {} }));
		expect((await read(env)).traces!.processors[0]!.batch).toEqual({
			maxQueueSize: processor._maxQueueSize,
			maxExportBatchSize: processor._maxExportBatchSize,
			scheduleDelayMs: processor._scheduledDelayMillis,
			exportTimeoutMs: processor._exportTimeoutMillis
		});
	});
});

describe('the propagators write the headers that those of upstream write', () => {
	const inject = (propagator: TextMapPropagator | null): string[] => {
		const carrier: Record<string, string> = {};
		propagator?.inject(span, carrier, { set: (to, name, value) => (to[name] = value) });
		return Object.keys(carrier).sort();
	};
	let span: Context;

	test.each([
		{},
		{ OTEL_PROPAGATORS: 'tracecontext' },
		{ OTEL_PROPAGATORS: 'b3' },
		{ OTEL_PROPAGATORS: 'b3multi,tracecontext,b3multi' },
		{ OTEL_PROPAGATORS: ' baggage , tracecontext ' },
		{ OTEL_PROPAGATORS: 'none' },
		{ OTEL_PROPAGATORS: 'none,tracecontext' },
		{ OTEL_PROPAGATORS: 'tracecontext,unknown' }
	])('%j', async (env: Record<string, string>) => {
		const { ROOT_CONTEXT, propagation, trace } = await import('@opentelemetry/api');
		const spanContext = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 };
		const baggage = propagation.createBaggage({ tenant: { value: 'a' } });
		span = propagation.setBaggage(trace.setSpanContext(ROOT_CONTEXT, spanContext), baggage);

		expect(inject(await createPropagator((await read(env)).propagators))).toEqual(
			inject(ask(env, () => sdk.createPropagatorFromOptsAndEnv()))
		);
	});
});

describe('the resource is that of upstream', () => {
	/** Ours alone; theirs alone, for passwords go with it; and of whichever version they bring. */
	const OWN = /^(telemetry\.distro\.|process\.command_args$|telemetry\.sdk\.version$)/;

	test.each([
		{},
		{ OTEL_SERVICE_NAME: 'shop' },
		{ OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,x=%20y,empty=' },
		{ OTEL_SERVICE_NAME: 'shop', OTEL_RESOURCE_ATTRIBUTES: 'service.name=a,service.namespace=b' },
		{ OTEL_RESOURCE_ATTRIBUTES: 'a=1,b' },
		{ OTEL_RESOURCE_ATTRIBUTES: '=c' },
		{ OTEL_RESOURCE_ATTRIBUTES: 'a=%zz' },
		{ OTEL_RESOURCE_ATTRIBUTES: `a=${'x'.repeat(256)}` },
		{ OTEL_RESOURCE_ATTRIBUTES: 'a=1,,' },
		{ OTEL_NODE_RESOURCE_DETECTORS: 'none' },
		{ OTEL_NODE_RESOURCE_DETECTORS: 'all' },
		{ OTEL_NODE_RESOURCE_DETECTORS: 'host' },
		{ OTEL_NODE_RESOURCE_DETECTORS: 'process,service' }
	])('%j', async (env: Record<string, string>) => {
		const ours = await createResource(
			{
				app: {},
				distro: { name: 'adapter-node-otel', version: '1' }
			},
			(await read(env)).resource
		);
		const theirs = ask(env, () => sdk.createResourceFromOptsAndEnv());
		await theirs.waitForAsyncAttributes?.();

		const comparable = (attributes: object): object => {
			const entries = Object.entries(attributes).filter(([name]) => !OWN.test(name));
			// random each time
			return Object.fromEntries(
				entries.map(([name, value]) => [name, name === 'service.instance.id' || value])
			);
		};
		expect(comparable(ours.attributes)).toEqual(comparable(theirs.attributes));
		expect(ours.attributes).not.toHaveProperty('process.command_args');
	});
});

describe('OTLP over HTTP is configured as by upstream', () => {
	test.each([
		{},
		{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' },
		{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/base/' },
		{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c' },
		{ OTEL_EXPORTER_OTLP_ENDPOINT: 'not a url' },
		{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/x', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://d' },
		{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318' },
		{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'nonsense', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://d' },
		{ OTEL_EXPORTER_OTLP_TIMEOUT: '100', OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '200' },
		{ OTEL_EXPORTER_OTLP_TIMEOUT: '100', OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: 'x' },
		{ OTEL_EXPORTER_OTLP_TIMEOUT: '-1' },
		{ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' },
		{ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip', OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'none' },
		{ OTEL_EXPORTER_OTLP_COMPRESSION: 'deflate' },
		{ OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=%20x' },
		{ OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=2', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'b=3,c=4' },
		{ OTEL_EXPORTER_OTLP_HEADERS: 'a=1,bad,b=2' },
		{ OTEL_EXPORTER_OTLP_HEADERS: 'a=b=c,d=e;f' },
		{ OTEL_EXPORTER_OTLP_HEADERS: ' a = 1 , ,' }
	])('%j', async (env: Record<string, string>) => {
		const { url, headers, timeoutMs, compression } = (await read(env)).traces!.processors[0]!
			.exporter as OtlpSettings;
		const theirs = ask(env, () => http.getNodeHttpConfigurationFromEnvironment('TRACES', 'v1/traces'));
		expect({ url, headers, timeoutMs, compression }).toEqual({
			url: theirs.url ?? 'http://localhost:4318/v1/traces',
			headers: (await theirs.headers?.()) ?? {},
			timeoutMs: theirs.timeoutMillis ?? 10_000,
			compression: theirs.compression ?? 'none'
		});
	});
});

describe('OTLP over gRPC is configured as by upstream', () => {
	test.each([
		{},
		{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317' },
		{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c:4317' },
		{ OTEL_EXPORTER_OTLP_ENDPOINT: 'c:4317' },
		{ OTEL_EXPORTER_OTLP_ENDPOINT: 'c:4317', OTEL_EXPORTER_OTLP_INSECURE: 'true' },
		{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://c:4317', OTEL_EXPORTER_OTLP_INSECURE: 'true' },
		{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317/path' },
		{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:1', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://d:1' },
		{
			OTEL_EXPORTER_OTLP_ENDPOINT: 'c:1',
			OTEL_EXPORTER_OTLP_INSECURE: 'true',
			OTEL_EXPORTER_OTLP_TRACES_INSECURE: 'false'
		}
	])('%j', async (env: Record<string, string>) => {
		const { processors } = (await read({ ...env, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).traces!;
		const { url } = processors[0]!.exporter as OtlpSettings;

		const theirs = ask(env, () => {
			const { url: raw = 'http://localhost:4317', credentials } =
				grpc.getOtlpGrpcConfigurationFromEnv('TRACES');
			return { host: grpcUrl.validateAndNormalizeUrl(raw), isSecure: credentials(raw)()._isSecure() };
		});
		const { host, protocol } = new URL(url);
		expect({ host, isSecure: protocol === 'https:' }).toEqual(theirs);
	});
});
