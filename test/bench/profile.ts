import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type App, buildApp } from '../support/app.ts';
import { cleanEnv } from '../support/clean-env.ts';
import { ask, listening, stop } from './child-server.ts';
import { startCollector } from './collector.ts';
import { pinned, shareCores } from './cores.ts';
import { startLoadGenerator } from './load-generator.ts';
import { PAGE } from './round.ts';

/*
 * `npm run bench:profile`: the time of one request by where the code is from, in microseconds of V8's CPU profiler,
 * which makes each request slower itself. The servers take turns, so that they can be compared. With `--rounds 12`,
 * `--requests 2000`, `--warm-up 40000`.
 */

const { values } = parseArgs({
	options: {
		rounds: { type: 'string', default: '12' },
		requests: { type: 'string', default: '2000' },
		'warm-up': { type: 'string', default: '40000' }
	}
});

/** The names of the parts, by the URL and the name of a function. The first one that fits counts. */
const PARTS: readonly (readonly [title: string, pattern: RegExp])[] = [
	['', /^ \(idle\)$/],
	['garbage collection', /^ \(garbage collector\)$/],
	['this package', /\/build\/otel\//],
	['SvelteKit and the app', /^file:/],
	['`AsyncLocalStorage`', /^node:internal\/(?:async_local_storage|async_context_frame)/],
	['undici', /^node:internal\/deps\/undici/],
	['Node', /^node:/],
	['native code and microtasks', /^/]
];

const otlp = (endpoint: string, ratio: string): Record<string, string> => ({
	OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
	OTEL_TRACES_SAMPLER_ARG: ratio
});
const SERVERS: Record<string, (endpoint: string) => Record<string, string>> = {
	'adapter-node': () => ({}),
	off: () => ({}),
	'metrics alone': (endpoint) => ({
		...otlp(endpoint, '1'),
		OTEL_TRACES_EXPORTER: 'none',
		OTEL_METRICS_EXPORTER: 'otlp'
	}),
	'ratio 0': (endpoint) => otlp(endpoint, '0'),
	'ratio 0.01': (endpoint) => otlp(endpoint, '0.01'),
	'ratio 1': (endpoint) => otlp(endpoint, '1')
};

interface Running {
	title: string;
	port: number;
	child: ChildProcess;
	/** Microseconds, by part. */
	times: Map<string, number>;
	requests: number;
}

const plain = await buildApp({ combination: 'kit-3', adapter: '@sveltejs/adapter-node' });
const ours = await buildApp({ combination: 'kit-3' });
const cores = shareCores();
const collector = await startCollector();
const load = startLoadGenerator(cores);
const running: Running[] = [];

try {
	const firstPort = 20_000 + (process.pid % 20_000);
	for (const [index, [title, env]] of Object.entries(SERVERS).entries()) {
		const app = title === 'adapter-node' ? plain : ours;
		running.push(start(title, app, firstPort + index, env(collector.endpoint(title.replaceAll(' ', '-')))));
	}
	await Promise.all(running.map(({ port }) => listening(`http://127.0.0.1:${port}${PAGE}`)));
	// in parts, so that exports happen in between
	for (let part = 0; part < 4; part++) {
		for (const { port } of running) await request(port, Number(values['warm-up']) / 4);
	}
	for (let round = 0; round < Number(values.rounds); round++) {
		for (let place = 0; place < running.length; place++)
			await profile(running[(place + round) % running.length]!);
	}
	print();
} finally {
	for (const { child } of running) stop(child);
	await load.stop();
	await collector.stop();
}

function start(title: string, app: App, port: number, env: Record<string, string>): Running {
	const { node, execArgv } = pinned(cores.server);
	const preload = fileURLToPath(new URL('./profile-switch.mjs', import.meta.url));
	const child = fork(join(app.build, 'index.js'), {
		execPath: node,
		execArgv: [...execArgv, '--import', preload],
		stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
		env: { ...cleanEnv(), ...env, PORT: String(port), HOST: '127.0.0.1', OTEL_LOG_LEVEL: 'error' }
	});
	return { title, port, child, times: new Map(), requests: 0 };
}

async function request(port: number, amount: number): Promise<number> {
	const order = { port, path: PAGE, connections: 16, durationMs: Infinity, amount };
	const { requests, failures } = await load.run(order);
	if (failures > 0) throw new Error(`${failures} requests have failed`);
	return requests;
}

async function profile(server: Running): Promise<void> {
	await ask(server.child, { start: true });
	server.requests += await request(server.port, Number(values.requests));
	const times = await ask<Record<string, number>>(server.child, { stop: true });
	for (const [key, time] of Object.entries(times)) {
		const [part] = PARTS.find(([, pattern]) => pattern.test(key))!;
		server.times.set(part, (server.times.get(part) ?? 0) + time);
	}
}

function print(): void {
	const parts = PARTS.map(([part]) => part).filter(Boolean);
	const timeOf = ({ times, requests }: Running, part: string): number => (times.get(part) ?? 0) / requests;
	const row = (title: string, of: (server: Running) => number): string =>
		`| ${title} | ${running.map((server) => of(server).toFixed(0)).join(' | ')} |`;
	console.log(`| µs of a request in the profiler | ${running.map(({ title }) => title).join(' | ')} |`);
	console.log(`| --- |${running.map(() => ' ---: ').join('|')}|`);
	for (const part of parts) console.log(row(part, (server) => timeOf(server, part)));
	console.log(row('all', (server) => parts.reduce((sum, part) => sum + timeOf(server, part), 0)));
}
