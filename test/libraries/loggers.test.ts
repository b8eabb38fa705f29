import { beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { startReceiver } from '../otlp/receiver.ts';
import { type App, buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';

const ROUTE = `
import bunyan from 'bunyan';
import { createConsola } from 'consola';
import createDebug from 'debug';
import pino from 'pino';
import winston from 'winston';

const pretty = pino({ transport: { target: 'pino-pretty', options: { colorize: false } } });
const console_ = winston.createLogger({ transports: [new winston.transports.Console({ forceConsole: true })] });

const toConsole = { write: (line) => console.log(line.trimEnd()) };

export async function GET() {
	pretty.info({ order: 7 }, 'by pino, prettily');
	pino().child({ part: 'cart' }).error(new RangeError('too far'), 'by a child of pino');
	console_.warn('by winston through the console');
	bunyan.createLogger({ name: 'shop' }).info({ order: 7 }, 'by bunyan');
	bunyan.createLogger({ name: 'shop', streams: [{ stream: toConsole }] }).info('by bunyan through the console');
	createConsola({ fancy: false }).info('by consola');
	const debug = createDebug('shop');
	debug.enabled = true;
	debug('by debug');
	debug.log = (...args) => console.log(...args);
	debug('by debug through the console');
	return new Response('logged');
}`;

describe.each(combinations.slice(-1))('the loggers of an app, %s', (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildApp({
			combination,
			files: { 'src/routes/log/+server.js': ROUTE },
			packageJson: {
				dependencies: {
					'@opentelemetry/instrumentation-bunyan': '0.69.0',
					'@opentelemetry/instrumentation-pino': '0.70.0',
					'@opentelemetry/instrumentation-winston': '0.69.0',
					bunyan: '1.8.15',
					consola: '3.4.2',
					debug: '4.4.3',
					pino: '10.4.0',
					'pino-pretty': '13.2.0',
					winston: '3.19.0'
				}
			}
		});
	});

	test('print, export each record once, and winston without its transport is logged', async () => {
		await using receiver = await startReceiver();
		await using server = await startServer(app.build, {
			env: { OTEL_LOGS_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url }
		});
		expect(await (await server.fetch('/log')).text()).toBe('logged');
		// each writes when it likes
		for (const text of [
			'by pino, prettily',
			'"by a child of pino"',
			'"by winston through the console"',
			'"by bunyan"',
			'by consola',
			'by debug',
			'by debug through the console'
		])
			await server.waitForOutput(text);
		await server.stop();

		expect(server.stderr().match(/@opentelemetry\/winston-transport is not installed.*/g)).toEqual([
			"@opentelemetry/winston-transport is not installed, and @opentelemetry/instrumentation-winston sends no log records without it: what winston logs is not exported. Install it with the app's dependencies, and build again"
		]);
		const logs = receiver.logs.filter(({ traceId }) => traceId);
		const bodiesOf = (scope: string): unknown[] =>
			logs.filter((log) => log.scope.name.endsWith(scope)).map(({ body }) => body);
		expect(bodiesOf('instrumentation-bunyan')).toEqual(['by bunyan', 'by bunyan through the console']);
		expect(bodiesOf('instrumentation-pino').sort()).toEqual(['by a child of pino', 'by pino, prettily']);
		expect(bodiesOf('console')).toEqual([
			expect.stringContaining('by winston through the console'),
			expect.stringContaining('by debug through the console')
		]);
		expect(logs).toHaveLength(6);
		expect(new Set(logs.map(({ traceId }) => traceId)).size).toBe(1);
		expect(logs.find(({ body }) => body === 'by a child of pino')).toMatchObject({
			severityNumber: 17,
			attributes: { part: 'cart' }
		});
	});
});
