import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import { type App, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { combinations, ofGeneration } from '../e2e/combinations.ts';
import type { CombinationId } from '../support/matrix.ts';

/** The code in the manual, unchanged. */
const [, importApi, callConsole] = /```js\n(import \{ trace \}.*)\n\n(console\.log\(.*)\n```/.exec(
	readFileSync(new URL('../../docs/libraries.md', import.meta.url), 'utf8')
)!;

const PAGE = `
	${importApi}
	import pino from 'pino';
	import winston from 'winston';

	const transports = [new winston.transports.Console()];

	export function load() {
		pino().info('by pino');
		winston.createLogger({ transports }).info('by winston');
		pino({}, { write: (line) => console.log(line.trimEnd()) }).warn({ order: 7 }, 'through the console');
		${callConsole}
	}
`;

/** SvelteKit 3 keeps libraries from being bundled, too, that are not installed in production. */
const placements: [CombinationId, 'dependencies' | 'devDependencies'][] = [
	...combinations.map((id): [CombinationId, 'dependencies'] => [id, 'dependencies']),
	...ofGeneration(3).map((id): [CombinationId, 'devDependencies'] => [id, 'devDependencies'])
];

describe.each(placements)('log lines know their trace, %s, installed as %s', (combination, field) => {
	let app: App;
	let receiver: Receiver;

	beforeAll(async () => {
		receiver = await startReceiver();
		app = await buildApp({
			combination,
			files: { 'src/routes/log/+page.server.js': PAGE, 'src/routes/log/+page.svelte': '<p>logged</p>' },
			packageJson: {
				[field]: {
					'@opentelemetry/instrumentation-pino': '0.70.0',
					'@opentelemetry/instrumentation-winston': '0.69.0',
					'@opentelemetry/winston-transport': '0.34.0',
					pino: '10.4.0',
					winston: '3.19.0'
				}
			}
		});
	});
	afterAll(() => receiver?.stop());

	test('by pino, winston and console', async () => {
		await using server = await startServer(app.build, {
			env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' }
		});
		await server.fetch('/log');
		const { span } = await receiver.waitForTrace((each) => each.name === 'GET /log');
		for (const text of ['by pino', 'by winston', "'paid'"]) await server.waitForOutput(text);

		const lines = server
			.stdout()
			.split('\n')
			.filter((line) => line.includes('"by '));
		expect(lines).toHaveLength(2);
		// each logger writes when it likes
		const expected = [
			expect.objectContaining({ msg: 'by pino', trace_id: span.traceId }),
			expect.objectContaining({ message: 'by winston', trace_id: span.traceId })
		];
		expect(lines.map((line) => JSON.parse(line))).toEqual(expect.arrayContaining(expected));
		expect(server.stdout()).toContain(`{ message: 'paid', trace_id: '${span.traceId}' }\n`);
	});

	test('and are sent once each, with their trace', async () => {
		await using server = await startServer(app.build, {
			env: {
				OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
				OTEL_LOGS_EXPORTER: 'otlp',
				OTEL_BLRP_SCHEDULE_DELAY: '50'
			}
		});
		await server.fetch('/log');
		await server.stop();
		expect(server.stderr()).not.toContain('winston-transport');
		const logs = receiver.logs.filter(({ traceId }) => traceId);
		const linesOf = (scope: string): unknown[] =>
			logs.filter((log) => log.scope.name.endsWith(scope)).map(({ body }) => body);
		expect(linesOf('instrumentation-pino')).toEqual(['by pino', 'through the console']);
		expect(linesOf('winston-transport')).toEqual(['by winston']);
		expect(linesOf('console')).toEqual([expect.stringContaining("message: 'paid'")]);
		expect(new Set(logs.map(({ traceId }) => traceId)).size).toBe(1);
		expect(logs.find(({ body }) => body === 'through the console')).toMatchObject({
			severityText: 'warn',
			severityNumber: 13,
			attributes: { order: 7 }
		});
	});

	test('and have no trace if telemetry is off', async () => {
		await using server = await startServer(app.build);
		await server.fetch('/log');
		await server.waitForOutput(`{ message: 'paid', trace_id: undefined }\n`);
		expect(server.stdout()).not.toMatch(/"trace_id"|trace_id: '/);
	});
});
