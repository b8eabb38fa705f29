import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { combinations } from '../e2e/combinations.ts';
import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { type ApiStub, startApiStub } from '../support/api-stub.ts';
import { type App, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';

const CHAT = `
	import OpenAI from 'openai';

	export async function GET({ url }) {
		const baseURL = process.env.API_URL + url.searchParams.get('path');
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

/** Their import hooks are older than 1.9, and wrap every module. */
const INSTRUMENTATIONS = {
	'@arizeai/openinference-instrumentation-openai': '4.2.7',
	'opentelemetry-instrumentation-ws': '0.5.0'
};

describe.each(combinations)('%s', (combination) => {
	let receiver: Receiver;
	let api: ApiStub;
	let app: App;

	beforeAll(async () => {
		receiver = await startReceiver();
		api = await startApiStub();
		app = await buildApp({
			combination,
			files: { 'src/routes/chat/+server.js': CHAT },
			packageJson: { dependencies: { openai: '6.0.0', ws: '8.18.0', ...INSTRUMENTATIONS } }
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
		for (const [query, answer] of [
			['path=/answer', 'answered object'],
			['path=/answer&stream=1', 'answered object'],
			['path=/refuse', 'BadRequestError 400'],
			['path=/refuse&stream=1', 'BadRequestError 400']
		]) {
			const response = await server.fetch(`/chat?${query}`);
			expect(await response.text(), server.stderr()).toBe(answer);
		}
		expect((await server.fetch('/')).status).toBe(200);
		const [instrumentation] = Object.keys(INSTRUMENTATIONS);
		await receiver.waitForSpans((spans) => spans.some(({ scope }) => scope.name === instrumentation));
		for (const name of Object.keys(INSTRUMENTATIONS)) expect(server.stderr()).toContain(name);
		expect(server.stderr()).toMatch(/^adapter-node-otel: tracing .*\n$/);
	});
});
