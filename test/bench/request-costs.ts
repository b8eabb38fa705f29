import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Runtime } from '../../files/types/runtime.ts';
import { shuffled, spreadOf } from './statistics.ts';

/*
 * What each part of a traced request costs in our own code, without a server around it: microseconds of CPU a
 * request with 13 spans, with the exports of the main thread. Run by `ablation.ts`, which says how.
 */

const ROUNDS = 40;
const WARM_UP_ROUNDS = 40;
const REQUESTS = 100;

const [build = ''] = process.argv.slice(2);

/** A collector in a thread of its own: its time is not counted. */
const COLLECTOR = `
	const { createServer } = require('node:http');
	const { parentPort } = require('node:worker_threads');
	const server = createServer((req, res) => req.resume().on('end', () => res.end()));
	server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;
const collector = new Worker(COLLECTOR, { eval: true });
const [port] = (await once(collector, 'message')) as [number];
process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = `http://127.0.0.1:${port}`;
await import(pathToFileURL(join(build, 'otel/register.js')).href);

const runtime = (globalThis as { [key: symbol]: unknown })[Symbol.for('adapter-node-otel')] as Runtime;
await runtime.ready;
const recordSpan = runtime.recordSpans!({
	isHttpError: (_error): _error is never => false,
	isRedirect: (_error): _error is never => false
});
type Record = typeof recordSpan;
const noSpan = { setAttributes() {} } as never;
const without: Record = ({ fn }) => fn(noSpan);

const route = '/blog/[slug]';
// ids that are not joined from parts, as in SvelteKit: V8 looks those up more slowly
const nodes = [
	'src/routes/+layout.server.js',
	'src/routes/+layout.js',
	'src/routes/blog/+layout.server.js',
	'src/routes/blog/[slug]/+page.server.js'
];
const headers = { host: '127.0.0.1', accept: 'text/html', 'user-agent': 'Mozilla/5.0 Firefox/140.0' };

class Req extends EventEmitter {
	method = 'GET';
	url = '/blog/7';
	httpVersion = '1.1';
	headers = headers;
	socket = { remoteAddress: '127.0.0.1', remotePort: 1234 };
}
class Res extends EventEmitter {
	statusCode = 200;
	headersSent = true;
	writableFinished = true;
	getHeaderNames = (): string[] => [];
}

/** The spans of a page, as SvelteKit makes them, with the names and attributes that it gives. */
function renderPage(record: Record): Promise<unknown> {
	const span = (name: string, attributes: object, fn: (span: never) => Promise<unknown>): Promise<unknown> =>
		record({ name: `sveltekit.${name}`, attributes: attributes as never, fn: fn as never });
	const load = (node: string): Promise<unknown> =>
		span(
			'load',
			{
				'sveltekit.load.node_id': node,
				'sveltekit.load.node_type': '+page.server',
				'sveltekit.load.environment': 'server',
				'http.route': route
			},
			async () => {
				await undefined;
			}
		);
	const resolve = async (resolved: { setAttributes(attributes: object): void }): Promise<void> => {
		for (let index = 0; index < 9; index++) await load(nodes[index % nodes.length]!);
		resolved.setAttributes({ 'http.response.status_code': 200, 'http.response.body.size': 'unknown' });
	};
	const root = {
		'http.route': route,
		'http.method': 'GET',
		'http.url': 'http://127.0.0.1/blog/7',
		'sveltekit.is_data_request': false,
		'sveltekit.is_sub_request': false
	};
	return span('handle.root', root, async () =>
		span('handle.sequenced.first', {}, async () =>
			span('handle.sequenced.second', {}, async () =>
				span('resolve', { 'http.route': route }, resolve as never)
			)
		)
	);
}

const handlers = {
	'the functions alone': async () => renderPage(without),
	'a request that arrives': runtime.traceHandler(async () => renderPage(without)),
	'… and is SvelteKit’s': runtime.traceHandler(async () => runtime.respond!(renderPage, without)),
	'… and has 13 spans': runtime.traceHandler(async () => runtime.respond!(renderPage, recordSpan))
};

async function measure(handler: (...args: never[]) => unknown): Promise<number> {
	const before = process.threadCpuUsage();
	for (let request = 0; request < REQUESTS; request++) {
		const res = new Res();
		await handler(new Req() as never, res as never);
		res.emit('close');
	}
	// exports in progress belong to the spans
	await delay(1);
	const { user, system } = process.threadCpuUsage(before);
	return (user + system) / REQUESTS;
}

const found = new Map(Object.keys(handlers).map((name) => [name, [] as number[]]));
for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
	for (const [name, handler] of shuffled(Object.entries(handlers))) {
		const cost = await measure(handler);
		if (round >= 0) found.get(name)!.push(cost);
	}
}
const costs = [...found].map(([name, all]) => [name, spreadOf(all)]);
process.stdout.write(JSON.stringify(Object.fromEntries(costs)), () => process.exit(0));
