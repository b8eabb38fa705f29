/*
 * `npm run picture`: draws `trace.svg`, which the README shows, from the trace in `trace.json`. With
 * `-- --record` that trace is first recorded again, from the example app.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildApp } from '../support/app.ts';
import { startTraced } from '../support/traced-server.ts';
import { type RecordedTrace, recordTrace } from './recorded-trace.ts';
import { drawWaterfall } from './waterfall.ts';

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

if (process.argv.includes('--record')) {
	await writeFile(file('trace.json'), `${JSON.stringify(await record(), null, '\t')}\n`);
}
const trace = JSON.parse(await readFile(file('trace.json'), 'utf8')) as RecordedTrace;
await writeFile(file('trace.svg'), drawWaterfall(trace));

async function record(): Promise<RecordedTrace> {
	const { build } = await buildApp({ combination: 'kit-3' });
	await using traced = await startTraced(build);
	const path = '/blog/hello?utm_source=newsletter';
	// a server that has just started is slow
	for (let round = 0; round < 20; round++) await traced.trace(path);
	const { tree, response } = await traced.trace(path);
	return recordTrace(tree, `GET ${path} → ${response.status}`);
}
