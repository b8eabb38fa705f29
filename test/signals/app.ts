import { type App, type AppOptions, buildApp } from '../support/app.ts';
import { clusterEntry } from '../support/cluster-entry.ts';
import type { CombinationId } from '../support/matrix.ts';

/** Routes that measure and print in unusual ways, and servers that start the build in unusual ways. */
const files = {
	'src/routes/crash/+server.js': `
export function GET() {
	setImmediate(() => { throw new Error('nobody catches this'); });
	return new Response('soon');
}`,
	'src/routes/unread/+server.js': `
export async function GET() {
	// the body is never read
	globalThis.unread = await fetch(process.env.UPSTREAM_URL);
	return new Response('unread');
}`,
	'src/routes/throwing/+server.js': `
import { metrics } from '@opentelemetry/api';

const meter = metrics.getMeter('shop');
meter.createObservableGauge('shop.broken').addCallback(() => { throw new Error('no value'); });
meter.createObservableGauge('shop.late').addCallback(async () => { throw new Error('no value, later'); });
meter.createObservableGauge('shop.fine').addCallback((result) => result.observe(7));

export const GET = () => new Response('measured');`,
	'src/routes/stuck/+server.js': `
import { metrics } from '@opentelemetry/api';

const meter = metrics.getMeter('shop');
const orders = meter.createCounter('shop.orders');

export function GET() {
	meter.createObservableGauge('shop.stuck').addCallback(() => new Promise(() => {}));
	orders.add(1, { id: 7n });
	orders.add(1, { id: Symbol('no value of an attribute') });
	orders.add(2, { kind: 'book' });
	return new Response('stuck');
}`,
	'src/routes/flood/+server.js': `
import { metrics } from '@opentelemetry/api';

const visits = metrics.getMeter('shop').createCounter('shop.visits');

export function GET({ url }) {
	const from = Number(url.searchParams.get('from'));
	for (let user = from; user < from + 20_000; user++) visits.add(1, { user });
	return new Response('counted');
}`,
	'src/routes/thread/+server.js': `
import { Worker } from 'node:worker_threads';

export async function GET() {
	const worker = new Worker(new URL('data:text/javascript,setTimeout(() => {}, 300)'));
	await new Promise((resolve) => worker.once('exit', resolve));
	return new Response('done');
}`,
	'src/routes/collected/+server.js': `
export function GET() {
	globalThis.gc?.();
	return new Response('garbage');
}`,
	'src/routes/streamed/+server.js': `
export const GET = () =>
	new Response(
		new ReadableStream({
			async start(controller) {
				controller.enqueue(new TextEncoder().encode('begun'));
				await new Promise((resolve) => setTimeout(resolve, 300));
				controller.close();
			}
		})
	);`,
	'src/routes/consoles/+server.js': `
import { Console } from 'node:console';
import { debuglog } from 'node:util';
import { Worker } from 'node:worker_threads';

const { log: boundLate } = console;
const own = new Console(process.stdout, process.stderr);

export async function GET() {
	console.table([{ a: 1 }]);
	console.dir({ dir: 1 });
	// Node itself cannot do that with a frozen one
	if (!Object.isFrozen(console)) {
		console.group('group');
		console.log('in the group');
		console.groupEnd();
	}
	console.assert(false, 'assertion');
	console.count('counted');
	console.time('timed');
	console.timeEnd('timed');
	boundLate('bound late');
	globalThis.boundEarly?.('bound early');
	own.log('by a console of its own');
	debuglog('app')('by debuglog');
	process.stdout.write('written\\n');
	const worker = new Worker("console.log('by a worker thread')", { eval: true });
	await new Promise((resolve) => worker.once('exit', resolve));
	return new Response('printed');
}`,
	'src/routes/calls/+server.js': `
import { Session } from 'node:inspector/promises';

const session = new Session();
session.connect();
const started = session
	.post('Profiler.enable')
	.then(() => session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false }));

/** The functions that were called since the last request of this. */
export async function GET() {
	await started;
	const { result } = await session.post('Profiler.takePreciseCoverage');
	return Response.json(
		result.flatMap(({ url, functions }) =>
			functions
				.filter(({ ranges }) => ranges[0].count > 0)
				.map(({ functionName }) => ({ url, name: functionName }))
		)
	);
}`,
	'cluster.mjs': clusterEntry,
	'frozen.mjs': 'Object.freeze(console);',
	'replaced.mjs': `
const { log } = console;
console.log = (...args) => log(...args, '(replaced)');`,
	'early.mjs': 'globalThis.boundEarly = console.log;'
};

/**
 * The app of this suite, built.
 *
 * @param more files, packages and the adapter of a variant
 */
export const buildSignalsApp = (
	combination: CombinationId,
	more: Pick<AppOptions, 'adapter' | 'files' | 'packageJson'> = {}
): Promise<App> => buildApp({ ...more, combination, overlays: ['api'], files: { ...files, ...more.files } });
