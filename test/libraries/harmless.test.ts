import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { type App, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { combinations } from '../e2e/combinations.ts';

/** An API that answers, or refuses: what an app handles by `catch`. */
const API = createServer(({ url }, res) => {
	res.writeHead(url!.startsWith('/refuse') ? 400 : 200, { 'content-type': 'application/json' });
	res.end(
		JSON.stringify({ model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'hi' } }] })
	);
});

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

/** What has taken an app down: an instrumentation that counts on a meter, one with an old import hook, and both. */
const INSTRUMENTATIONS: Record<string, Record<string, string>> = {
	'a meter that nobody gives it': { '@opentelemetry/instrumentation-openai': '0.22.0' },
	'an import hook that wraps every module': {
		'@arizeai/openinference-instrumentation-openai': '4.2.7',
		'opentelemetry-instrumentation-ws': '0.5.0'
	}
};

describe.each(combinations)('%s', (combination) => {
	let receiver: Receiver;

	beforeAll(async () => {
		receiver = await startReceiver();
		if (!API.listening) await once(API.listen(0, '127.0.0.1'), 'listening');
	});
	afterAll(async () => {
		await receiver?.stop();
		API.close();
	});

	test.each(Object.entries(INSTRUMENTATIONS))('an instrumentation with %s', async (_, dependencies) => {
		const app: App = await buildApp({
			combination,
			files: { 'src/routes/chat/+server.js': CHAT },
			packageJson: { dependencies: { openai: '6.0.0', ws: '8.18.0', ...dependencies } }
		});
		await using server = await startServer(app.build, {
			env: {
				API_URL: `http://127.0.0.1:${(API.address() as AddressInfo).port}`,
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
		const [instrumentation] = Object.keys(dependencies);
		await receiver.waitForSpans((spans) => spans.some(({ scope }) => scope.name === instrumentation));
		for (const name of Object.keys(dependencies)) {
			expect(server.stderr()).toContain(name.replace('@opentelemetry/instrumentation-', ''));
		}
		expect(server.stderr()).toMatch(/^adapter-node-otel: tracing .*\n$/);
	});
});
