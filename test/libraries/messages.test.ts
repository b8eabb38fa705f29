import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

import { combinations } from '../e2e/combinations.ts';
import { startReceiver } from '../otlp/receiver.ts';
import { type App, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';

/** A server of one's own that has its libraries before telemetry: what patches them sees nothing. */
const SERVER = `
	import express from 'express';
	import { handler } from './build/handler.js';

	const server = express().use(handler).listen(process.env.PORT, '127.0.0.1', () =>
		console.log('Listening on http://127.0.0.1:' + server.address().port)
	);
`;

const GRAPHQL = `
	import { buildSchema, graphql } from 'graphql';

	export async function GET() {
		const { data } = await graphql({ schema: buildSchema('type Query { a: Int }'), source: '{ a }', rootValue: { a: 1 } });
		return new Response(JSON.stringify(data));
	}
`;

const OPENAI = `
	import OpenAI from 'openai';

	export async function GET() {
		const client = new OpenAI({ apiKey: 'none', baseURL: 'http://127.0.0.1:1', maxRetries: 0 });
		const error = await client.chat.completions.create({ model: 'm', messages: [] }).catch((error) => error);
		return new Response(error.constructor.name);
	}
`;

/** What a plain install brings, and what it says. */
const UNSUPPORTED = {
	graphql:
		/@opentelemetry\/instrumentation-graphql does not support graphql 17\.1\.0 \(it supports >=14\.0\.0 <17\)/,
	openai:
		/@opentelemetry\/instrumentation-openai does not support openai 7\.59\.0 \(it supports >=4\.19\.0 <7\)/
};

/** Instrumentations that cannot work, in one app: each is logged once, and the others continue. */
describe.each(combinations)('%s', (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildApp({
			combination,
			files: {
				'src/routes/graphql/+server.js': GRAPHQL,
				'src/routes/openai/+server.js': OPENAI,
				'server.js': SERVER
			},
			packageJson: {
				dependencies: { express: '5.1.0' },
				devDependencies: {
					'@opentelemetry/instrumentation-express': '0.72.0',
					'@opentelemetry/instrumentation-graphql': '0.72.0',
					'@opentelemetry/instrumentation-openai': '0.22.0',
					// has no class
					'@shinzolabs/instrumentation-mcp': '1.1.0',
					// has ES modules alone, which `require.resolve` does not find
					'@solarwinds-apm/instrumentations': '3.2.1',
					graphql: '17.1.0',
					openai: '7.59.0'
				}
			}
		});
	});

	const told = (text: string): string[] =>
		text.split('\n').filter((line) => line.includes('adapter-node-otel: '));

	test.each(Object.entries(UNSUPPORTED))(
		'a version of %s that is not supported is logged, and nothing is copied for it',
		(library, line) => {
			expect(told(app.log).filter((each) => each.includes(`instrumentation-${library}`))).toEqual([
				expect.stringMatching(line)
			]);
			expect(app.log).not.toContain(`Instrumenting with @opentelemetry/instrumentation-${library}`);
			expect(existsSync(join(app.build, `server/node_modules/${library}`))).toBe(false);
		}
	);

	test.each(['@shinzolabs/instrumentation-mcp', '@solarwinds-apm/instrumentations'])(
		'the build loads %s, which has no class, logs this, and leaves it out',
		(name) => {
			expect(told(app.log).filter((line) => line.includes(name))).toEqual([
				expect.stringContaining(`${name} exports no instrumentation that works without code: it is left out`)
			]);
		}
	);

	test.each([
		['node build', {}, []],
		['a server that imports its libraries first', { entry: 'server.js' }, ['express']]
	])('%s logs what does not work, once, with the remedy', async (_, options, late) => {
		await using receiver = await startReceiver();
		await using server = await startServer(app.build, {
			...options,
			env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' }
		});
		expect(await (await server.fetch('/graphql')).text()).toBe('{"a":1}');
		expect(await (await server.fetch('/openai')).text()).toBe('APIConnectionError');
		await receiver.waitForTrace(({ name }) => name === 'GET /graphql');

		const lines = told(server.stderr());
		const started = lines.filter((line) => line.includes('adapter-node-otel: tracing basic-app;'));
		expect(started).toHaveLength(1);
		expect(started[0]).not.toMatch(/graphql|openai/);
		for (const line of Object.values(UNSUPPORTED)) {
			expect(lines.filter((each) => line.test(each))).toHaveLength(1);
		}
		const tooLate = lines.filter((line) => line.includes('tracing begins at `handler`'));
		expect(tooLate).toHaveLength(late.length);
		for (const library of late) {
			expect(tooLate[0]).toContain(library);
			expect(tooLate[0]).toMatch(/Start it with node --import \.\/build\/otel\/register\.js$/);
			expect(started[0]).not.toMatch(new RegExp(`\\b${library}\\b`));
		}
		// where tracing begins, and what is too late for it, have one remedy
		expect(lines).toHaveLength(3 + late.length);
	});

	test('the remedy works', async () => {
		await using receiver = await startReceiver();
		await using server = await startServer(app.build, {
			entry: 'server.js',
			execArgv: ['--import', './build/otel/register.js'],
			env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' }
		});
		expect((await server.fetch('/graphql')).status).toBe(200);
		expect(server.stderr()).not.toContain('had been loaded');
		expect(server.stderr()).toMatch(/adapter-node-otel: tracing .*\bexpress\b/);
	});
});
