import { ProxyTracerProvider } from '@opentelemetry/api';
import { BatchSpanProcessor, InMemorySpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { type KitTracer, createKitTracerProvider } from '../../files/kit/kit-tracer.ts';

const exporter = new InMemorySpanExporter();
const sdk = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] });
const kitTracer = { markUsed: () => kitTracer } as KitTracer;
let ended = 0;
const provider = createKitTracerProvider(sdk, kitTracer, async () => void ended++);

test('the registered provider has all methods of the SDK’s', () => {
	for (const name of Object.getOwnPropertyNames(TracerProvider.prototype)) {
		expect(provider[name as keyof TracerProvider], name).toBeTypeOf('function');
	}
	expect(provider.getTracer('sveltekit')).toBe(kitTracer);
	expect(provider.getTracer('app')).toBe(sdk.getTracer('app'));
});

test('code that gets it from the proxy provider can flush and shut it down', async () => {
	const global = new ProxyTracerProvider();
	global.setDelegate(provider);
	const found = global.getDelegate() as TracerProvider;
	found.getTracer('app').startSpan('span').end();
	expect(exporter.getFinishedSpans()).toEqual([]);
	await found.forceFlush();
	expect(exporter.getFinishedSpans()).toHaveLength(1);
	await found.shutdown();
	expect(ended).toBe(1);
});
