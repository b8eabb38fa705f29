/*
 * `npm run demo`: a real SvelteKit app, built with the packed package, served by `node build`, its traces
 * received over OTLP and shown, the one of the README's picture first; then the same build with the switch
 * off, and what that costs. What it says it has looked at: anything else ends it with an error.
 */
import assert from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { styleText } from 'node:util';
import { startReceiver } from '../otlp/receiver.ts';
import { type App, buildApp } from '../support/app.ts';
import { startScraped } from '../support/scraped-server.ts';
import { startServer } from '../support/server.ts';
import { compareCost } from './cost.ts';
import { FAILING_REQUEST, README_REQUEST, ask, buildDemo, requests } from './requests.ts';
import { printWaterfall } from './waterfall.ts';

const say = (text = ''): void => void process.stdout.write(`${text}\n`);
// in colour where the terminal has some and NO_COLOR is not set
const heading = (text: string): void => say(`\n${styleText('bold', text)}`);

// npm hands a signal on to the shell that it has started this with, which ends without a word
const parent = process.ppid;
setInterval(() => process.ppid === parent || process.exit(143), 500).unref();
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(143));
process.once('SIGINT', () => process.exit(130));

say('Building the example app with the packed package (the first time it is installed, too) …');
const app = await buildDemo();
say(app.log.slice(app.log.indexOf('> Using')).trim());

await showTraces(app);
await showKept(app);
await showMetrics(app);
await showOff(app);

heading('In a project of your own');
say('npx sv add adapter-node-otel     swaps the adapter and installs the packages');
say('npm run dev -- --open /__otel    a page with the trace of every request');
say('README.md has the production server, docs/ everything else.');

// what has just ended is let go of a turn later
await setTimeout(100);
const running = process.getActiveResourcesInfo().filter((resource) => resource === 'ProcessWrap');
assert.equal(running.length, 0, 'no process is left behind');

async function showTraces({ build }: App): Promise<void> {
	await using receiver = await startReceiver();
	const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '200' };
	heading(`OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url} node build`);
	await using server = await startServer(build, { env });
	say(server.stderr().trim());

	// a server that has just started is slow
	for (let round = 0; round < 20; round++) await ask(server, README_REQUEST);
	const before = new Set(receiver.spans.map(({ traceId }) => traceId));
	const status = await ask(server, README_REQUEST);
	const picture = await receiver.waitForTrace(
		({ traceId, kind }) => kind === 'SERVER' && !before.has(traceId)
	);
	say(`\n${printWaterfall(picture, `${README_REQUEST.title} → ${status}`)}`);

	// those of the rounds may still be on their way
	await setTimeout(500);
	const first = receiver.spans.length;
	for (const request of requests) {
		const known = new Set(receiver.spans.map(({ traceId }) => traceId));
		const title = `${request.title} → ${await ask(server, request)}`;
		if (request.traced) {
			const tree = await receiver.waitForTrace(({ traceId }) => !known.has(traceId));
			say(`\n${printWaterfall(tree, title)}`);
			continue;
		}
		heading(title);
		say('no span: adapter-node serves it from the disk');
	}

	// what has made so many spans once makes as many again
	const made = receiver.spans.length - first;
	for (const request of requests) await ask(server, request);
	const arrived = receiver.spans.length - first - made;
	const { code } = await server.stop();
	const missing = 2 * made - (receiver.spans.length - first);
	heading(`The same again, and SIGTERM at once → exit code ${code}`);
	say(
		`${arrived} spans had arrived, ${made - arrived - missing} came with the last export, ${missing} are missing`
	);
	assert.deepEqual({ code, missing }, { code: 0, missing: 0 });
}

async function showKept({ build }: App): Promise<void> {
	await using receiver = await startReceiver();
	const env = {
		OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
		OTEL_BSP_SCHEDULE_DELAY: '200',
		OTEL_TRACES_SAMPLER_ARG: '0.01',
		OTEL_SVELTEKIT_KEEP_ERRORS: 'true'
	};
	heading('OTEL_TRACES_SAMPLER_ARG=0.01 OTEL_SVELTEKIT_KEEP_ERRORS=true node build');
	await using server = await startServer(build, { env });
	say(server.stderr().trim());
	const pages = 97;
	const errors = 3;
	for (let count = 0; count < pages; count++) await ask(server, README_REQUEST);
	for (let count = 0; count < errors; count++) await ask(server, FAILING_REQUEST);
	const kept = await receiver.waitForTrace(({ attributes }) => attributes['sveltekit.kept'] === 'error');
	say(`\n${printWaterfall(kept, FAILING_REQUEST.title)}`);
	await server.stop();
	const servers = receiver.spans.filter(({ kind }) => kind === 'SERVER');
	const failed = servers.filter(({ attributes }) => attributes['url.path'] === '/error/unexpected');
	say(
		`\n${pages} pages and ${errors} errors: ${failed.length} errors arrived whole, and ${servers.length - failed.length} of the pages`
	);
	assert.equal(failed.length, errors);
}

async function showMetrics({ build }: App): Promise<void> {
	heading('OTEL_TRACES_EXPORTER=none OTEL_METRICS_EXPORTER=prometheus node build');
	const { server, target } = await startScraped(build);
	await using _server = server;
	say(server.stderr().trim());
	for (const request of requests) await ask(server, request);
	const text = await (await fetch(`http://${target}/metrics`)).text();
	const counts = text
		.split('\n')
		.filter((line) => line.startsWith('http_server_request_duration_seconds_count'))
		.map((line) => {
			const [, route = 'no route'] = /http_route="([^"]*)"/.exec(line) ?? [];
			const [, status = ''] = /http_response_status_code="(\d+)"/.exec(line) ?? [];
			return `${status}  ${route.padEnd(24)} ${line.slice(line.lastIndexOf(' ') + 1)}`;
		});
	say(`\nWhat a Prometheus reads at http://${target}/metrics, by status and route:`);
	for (const count of counts) say(count);
	assert.equal(counts.length, requests.filter(({ traced }) => traced).length);
	say('docs/grafana/sveltekit.json is a dashboard for them.');
}

async function showOff({ build }: App): Promise<void> {
	heading('node build, with nothing set: off');
	{
		await using server = await startServer(build);
		for (const request of requests) say(`${await ask(server, request)}  ${request.title}`);
		assert.doesNotMatch(server.stderr(), /adapter-node-otel/);
		say('nothing logged, nothing loaded, nothing sent');
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
