import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { combinations } from '../e2e/combinations.ts';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { type ApiStub, startApiStub } from '../support/api-stub.ts';
import { type App, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';

const CHAT = `
	import OpenAI from 'openai';

	export async function GET({ url }) {
		const baseURL = new URL(url.searchParams.get('base'), process.env.API_URL).href;
		const client = new OpenAI({ apiKey: 'none', baseURL, maxRetries: 0 });
		const stream = url.searchParams.has('stream');
		try {
			const answer = await client.chat.completions.create({ model: 'm', stream, messages: [{ role: 'user', content: 'a' }] });
			return new Response(\`answered \${typeof answer}\`);
		} catch (error) {
			return new Response(\`\${error.constructor.name} \${error.status}\`);
		}
	}
`;

const EXPRESS = `
	import { once } from 'node:events';
	import express from 'express';

	export async function GET() {
		const server = express().get('/users/:id', (req, res) => res.send(req.params.id)).listen(0, '127.0.0.1');
		await once(server, 'listening');
		const answer = await fetch(\`http://127.0.0.1:\${server.address().port}/users/7\`);
		server.close();
		return new Response(await answer.text());
	}
`;

const KAFKAJS = `
	import { Kafka } from 'kafkajs';

	export async function GET() {
		const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: 0, retry: { retries: 0 } });
		const message = { topic: 'orders', messages: [{ value: 'one' }] };
		return new Response(await kafka.producer().send(message).catch(({ name }) => name));
	}
`;

/** Its library has no command without a server, so it is imported alone. */
const MONGODB = `
	import mongodb from 'mongodb';

	export const GET = () => new Response(typeof mongodb.MongoClient);
`;

/** Their import hooks are older than 1.9, and wrap every module. */
const INSTRUMENTATIONS = {
	'@arizeai/openinference-instrumentation-openai': '4.2.7',
	'@aspecto/opentelemetry-instrumentation-mongodb': '0.2.0',
	'opentelemetry-instrumentation-express': '0.41.0',
	'opentelemetry-instrumentation-kafkajs': '0.41.0',
	'opentelemetry-instrumentation-ws': '0.5.0'
};

const OPENAI = '@arizeai/openinference-instrumentation-openai';

/** The routes, with their answers, and the instrumentation whose span ends: that of a failed call to OpenAI does not. */
const ROUTES: [path: string, answer: string, scope?: keyof typeof INSTRUMENTATIONS][] = [
	['/chat?base=/answer', 'answered object', OPENAI],
	['/chat?base=/answer&stream=1', 'answered object', OPENAI],
	['/chat?base=/refuse', 'BadRequestError 400'],
	['/chat?base=/refuse&stream=1', 'BadRequestError 400'],
	['/chat?base=http://127.0.0.1:1', 'APIConnectionError undefined'],
	['/express', '7', 'opentelemetry-instrumentation-express'],
	['/kafkajs', 'KafkaJSError', 'opentelemetry-instrumentation-kafkajs'],
	['/mongodb', 'function']
];

describe.each(combinations)('%s', (combination) => {
	let receiver: Receiver;
	let api: ApiStub;
	let app: App;

	beforeAll(async () => {
		receiver = await startReceiver();
		api = await startApiStub();
		app = await buildApp({
			combination,
			files: {
				'src/routes/chat/+server.js': CHAT,
				'src/routes/express/+server.js': EXPRESS,
				'src/routes/kafkajs/+server.js': KAFKAJS,
				'src/routes/mongodb/+server.js': MONGODB
			},
			packageJson: {
				dependencies: {
					express: '4.22.3',
					kafkajs: '2.2.4',
					mongodb: '3.7.3',
					openai: '6.0.0',
					ws: '8.18.0',
					...INSTRUMENTATIONS
				}
			}
		});
	});
	afterAll(async () => {
		await receiver?.stop();
		await api?.[Symbol.asyncDispose]();
	});

	test('instrumentations with old import hooks trace their libraries, and nothing else is wrapped', async () => {
		await using server = await startServer(app.build, {
			env: {
				API_URL: api.url,
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
				OTEL_BSP_SCHEDULE_DELAY: '50'
			}
		});
		for (const [path, answer, scope] of ROUTES) {
			receiver.reset();
			const response = await server.fetch(path);
			expect(await response.text(), `${path} ${server.stderr()}`).toBe(answer);
			if (scope) await receiver.waitForSpans((spans) => spans.some((span) => span.scope.name === scope));
		}
		expect((await server.fetch('/')).status).toBe(200);
		for (const name of Object.keys(INSTRUMENTATIONS)) expect(server.stderr()).toContain(name);
		expect(server.stderr()).toMatch(/^adapter-node-otel: tracing .*\n$/);
	});
});
