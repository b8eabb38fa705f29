import { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Tracer } from '@opentelemetry/api';
import { spreadOf } from './statistics.ts';

/*
 * Makes spans and nothing else, in a process of its own (see `span-costs.ts`), as SvelteKit makes them:
 * below a SERVER span, one after the other, each active in a function that awaits. Prints the CPU time of
 * one span in microseconds, by the number of spans in a request.
 */

/** Spans at a time; then the batches can leave, as between the requests of a server. */
const SPANS_PER_TURN = 1000;
const WARM_UP_TURNS = 50;
const GROUPS = 11;
const TURNS_IN_GROUP = 12;
const ATTRIBUTES = { 'http.route': '/blog/[slug]', 'sveltekit.load.node_type': 'server', count: 3 };

const [maker = '', build = '', counts = '[]'] = process.argv.slice(2);

async function makeSpans(tracer: Tracer, count: number): Promise<void> {
	for (let index = 0; index < count; index++) {
		await tracer.startActiveSpan('sveltekit.load', { attributes: ATTRIBUTES }, async (span) => {
			await undefined;
			span.end();
		});
	}
}

/** Serves one request with this number of spans below its SERVER span. */
type Serve = (spans: number) => Promise<void>;

async function serveWithSdk(): Promise<Serve> {
	const { context, trace } = await import('@opentelemetry/api');
	const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
	const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-proto');
	const { BatchSpanProcessor, TracerProvider } = await import('@opentelemetry/sdk-trace');

	context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
	const provider = new TracerProvider({
		spanProcessors: [
			new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), maxQueueSize: 1_000_000 } as never)
		]
	});
	trace.setGlobalTracerProvider(provider);
	const tracer = trace.getTracer('bench');
	return (spans) =>
		tracer.startActiveSpan('GET', { kind: 1 }, async (root) => {
			await makeSpans(tracer, spans);
			root.end();
		});
}

async function serveWithOurs(): Promise<Serve> {
	const load = (file: string) => import(pathToFileURL(join(build, 'otel', file)).href);
	const { traceHandler } = await load('register.js');
	const { trace } = (await load('api.js')) as typeof import('@opentelemetry/api');
	const kit = trace.getTracer('sveltekit');
	const tracer = maker === 'kit' ? kit : trace.getTracer('bench');

	const attributes = { 'http.route': '/blog/[slug]', 'http.method': 'GET', 'http.url': 'http://a.example/' };
	const handler = traceHandler(async (_req: IncomingMessage, res: ServerResponse, spans: number) => {
		await kit.startActiveSpan('sveltekit.handle.root', { attributes }, async (root) => {
			await makeSpans(tracer, spans);
			root.end();
		});
		res.emit('close');
	});
	return (spans) => handler(fakeRequest(), fakeResponse(), spans);
}

const fakeRequest = (): unknown => ({
	method: 'GET',
	url: '/blog/7',
	httpVersion: '1.1',
	headers: { host: 'a.example' },
	socket: { remoteAddress: '127.0.0.1', remotePort: 1234 }
});

const fakeResponse = (): unknown =>
	Object.assign(new EventEmitter(), { statusCode: 200, headersSent: true, writableFinished: true });

const serve = await (maker === 'sdk' ? serveWithSdk() : serveWithOurs());

/** The CPU time of this number of requests, in microseconds, including the exports during that time. */
async function measure(requests: number, spans: number): Promise<number> {
	const before = process.cpuUsage();
	for (let request = 0; request < requests; request++) await serve(spans);
	// exports in progress belong to the spans
	await delay(2);
	const { user, system } = process.cpuUsage(before);
	return user + system;
}

/**
 * The CPU time of each span after the first. It is compared with requests that have one span, because requests
 * without spans have no export.
 */
async function measureSpans(wanted: readonly number[], turns: number): Promise<Map<number, number>> {
	const costs = new Map(wanted.map((spans) => [spans, 0]));
	for (let turn = 0; turn < turns; turn++) {
		const first = (await measure(SPANS_PER_TURN, 1)) / SPANS_PER_TURN;
		for (const spans of wanted) {
			const requests = SPANS_PER_TURN / spans;
			const cost = (await measure(requests, spans)) - requests * first;
			costs.set(spans, costs.get(spans)! + cost / (SPANS_PER_TURN - requests) / turns);
		}
	}
	return costs;
}

const wanted = JSON.parse(counts) as number[];
await measureSpans(wanted, WARM_UP_TURNS);
// several groups, because the speed of the machine changes; each has garbage collections
const groups: Map<number, number>[] = [];
for (let group = 0; group < GROUPS; group++) groups.push(await measureSpans(wanted, TURNS_IN_GROUP));
const medians = wanted.map((spans) => [spans, spreadOf(groups.map((costs) => costs.get(spans)!)).median]);
process.stdout.write(JSON.stringify(Object.fromEntries(medians)), () => process.exit(0));
