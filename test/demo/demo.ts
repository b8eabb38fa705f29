/*
 * `npm run demo`: a real SvelteKit app, built with the packed package, served by `node build`, its traces
 * received over OTLP and shown; then the same build with the switch off, and what that costs.
 */
import { startReceiver } from '../otlp/receiver.ts';
import { printTree } from '../otlp/print.ts';
import { type App, buildApp } from '../support/app.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { compareCost } from './cost.ts';

const say = (text = ''): void => void process.stdout.write(`${text}\n`);
const heading = (text: string): void => say(`\n\x1b[1m${text}\x1b[0m`);

/** A handful of what a real server is asked for. */
const requests: { title: string; send(server: RunningServer): Promise<Response>; traced: boolean }[] = [
	{
		title: 'a page: GET /blog/hello?utm_source=mail',
		send: (s) => s.fetch('/blog/hello?utm_source=mail'),
		traced: true
	},
	{
		title: 'a form action: POST /actions/named?/success',
		send: (s) => s.submit('/actions/named?/success'),
		traced: true
	},
	{ title: 'an endpoint: GET /api/post/7', send: (s) => s.fetch('/api/post/7'), traced: true },
	{
		title: 'a page that throws: GET /error/unexpected',
		send: (s) => s.fetch('/error/unexpected'),
		traced: true
	},
	{ title: 'a missing page: GET /nowhere', send: (s) => s.fetch('/nowhere'), traced: true },
	{ title: 'a static file: GET /robots.txt', send: (s) => s.fetch('/robots.txt'), traced: false }
];

say('Building the example app with the packed package (the first time it is installed, too) …');
const app = await buildApp({ app: 'basic', combination: 'kit-3' });
say(app.log.slice(app.log.indexOf('> Using')).trim());

await showTraces(app);
await showOff(app);

async function showTraces({ build }: App): Promise<void> {
	await using receiver = await startReceiver();
	const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '200' };
	heading(`OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url} node build`);
	await using server = await startServer(build, { env });
	say(server.stderr().trim());

	for (const { title, send, traced } of requests) {
		const known = new Set(receiver.spans.map(({ traceId }) => traceId));
		const response = await send(server);
		await response.arrayBuffer();
		heading(`${title} → ${response.status}`);
		if (traced) say(printTree(await receiver.waitForTrace(({ traceId }) => !known.has(traceId))));
		else say('no span: adapter-node serves it from the disk');
	}

	const received = receiver.spans.length;
	const { code } = await server.stop();
	heading(`SIGTERM → exit code ${code}`);
	say(
		`${received} spans had arrived, ${receiver.spans.length - received} came with the last export, 0 are missing`
	);
}

async function showOff({ build }: App): Promise<void> {
	heading('node build, with nothing set: off');
	{
		await using server = await startServer(build);
		for (const { title, send } of requests) say(`${(await send(server)).status}  ${title}`);
		say(
			server.stderr().includes('adapter-node-otel')
				? server.stderr()
				: 'nothing said, nothing loaded, nothing sent'
		);
	}

	heading('What it costs: the same page 300 times from each, in turns, one at a time');
	const plain = await buildApp({ app: 'basic', combination: 'kit-3', adapter: '@sveltejs/adapter-node' });
	await using receiver = await startReceiver();
	const on = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
	say(
		await compareCost([
			{ name: 'plain adapter-node', build: plain.build, env: {} },
			{ name: 'off', build, env: {} },
			{ name: 'on, OTEL_TRACES_SAMPLER_ARG=0.01', build, env: { ...on, OTEL_TRACES_SAMPLER_ARG: '0.01' } },
			{ name: 'on, every request', build, env: on }
		])
	);
	say('A look, not a measurement: `npm run bench` measures.');
}
