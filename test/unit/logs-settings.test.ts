import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { configureLoggers } from '../../files/logs/configure-loggers.ts';
import { readEnvironment } from './support/read-environment.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const on = { OTEL_LOGS_EXPORTER: 'otlp' };

describe('the environment', () => {
	test('has no logs by default', async () => {
		for (const env of [{}, { OTEL_LOGS_EXPORTER: 'none' }, { OTEL_LOGS_EXPORTER: '' }]) {
			const { settings } = await readEnvironment(env);
			expect(settings!.logs).toBeUndefined();
		}
	});

	test('has the defaults of the specification', async () => {
		const { settings, lines } = await readEnvironment(on);
		expect(lines).toEqual([]);
		expect(settings).toMatchObject({
			logs: {
				processors: [
					{
						exporter: { url: 'http://localhost:4318/v1/logs', protocol: 'http/protobuf', timeoutMs: 10_000 },
						batch: {
							maxQueueSize: 2048,
							maxExportBatchSize: 512,
							scheduleDelayMs: 1000,
							exportTimeoutMs: 30_000
						}
					}
				],
				limits: { attributeCountLimit: 128 }
			},
			logBodyLimit: 65_536
		});
	});

	test.each<[env: Record<string, string>, expected: object]>([
		[{ OTEL_LOGS_EXPORTER: 'console' }, { processors: [{ exporter: 'console' }] }],
		[
			{
				OTEL_BLRP_MAX_QUEUE_SIZE: '100',
				OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '10',
				OTEL_BLRP_SCHEDULE_DELAY: '1',
				OTEL_BLRP_EXPORT_TIMEOUT: '2'
			},
			{
				processors: [
					{ batch: { maxQueueSize: 100, maxExportBatchSize: 10, scheduleDelayMs: 1, exportTimeoutMs: 2 } }
				]
			}
		],
		[
			{
				OTEL_EXPORTER_OTLP_ENDPOINT: 'http://all',
				OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://logs/in',
				OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
				OTEL_EXPORTER_OTLP_LOGS_HEADERS: 'a=b',
				OTEL_EXPORTER_OTLP_LOGS_TIMEOUT: '5',
				OTEL_EXPORTER_OTLP_LOGS_COMPRESSION: 'gzip'
			},
			{
				processors: [
					{
						exporter: {
							url: 'http://logs/in',
							protocol: 'http/json',
							headers: { a: 'b' },
							timeoutMs: 5,
							compression: 'gzip'
						}
					}
				]
			}
		],
		[
			{ OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT: '3', OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4' },
			{ limits: { attributeCountLimit: 3, attributeValueLengthLimit: 4 } }
		],
		[
			{ OTEL_ATTRIBUTE_COUNT_LIMIT: '3', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '4' },
			{ limits: { attributeCountLimit: 3, attributeValueLengthLimit: 4 } }
		]
	])('%o is obeyed', async (env, expected) => {
		const { settings, lines } = await readEnvironment({ ...on, ...env });
		expect(lines).toEqual([]);
		expect(settings!.logs).toMatchObject(expected);
	});

	test.each([
		[
			{ OTEL_LOGS_EXPORTER: 'file' },
			'OTEL_LOGS_EXPORTER is "file", of which "file" is unknown: none is used. Expected comma-separated names: otlp, console; or none'
		],
		[
			{ ...on, OTEL_SVELTEKIT_LOG_SEVERITY: 'loud' },
			'OTEL_SVELTEKIT_LOG_SEVERITY is "loud": every severity is used. Expected trace, debug, info, warn, error, fatal'
		],
		[
			{ ...on, OTEL_SVELTEKIT_LOG_BODY_LIMIT: '0' },
			'OTEL_SVELTEKIT_LOG_BODY_LIMIT is "0": 65536 is used. Expected a whole number above 0'
		],
		[
			{ ...on, OTEL_BLRP_MAX_QUEUE_SIZE: '10', OTEL_BLRP_MAX_EXPORT_BATCH_SIZE: '100' },
			'OTEL_BLRP_MAX_EXPORT_BATCH_SIZE is 100, more than the 10 of OTEL_BLRP_MAX_QUEUE_SIZE: 10 is used. Expected a batch that fits into the queue'
		]
	])('an invalid value in %o is logged in one line', async (env, line) => {
		const { lines } = await readEnvironment(env);
		expect(lines).toEqual([line]);
	});
});

async function readFile(yaml: string) {
	const file = path.join(makeTempDir(), 'sdk.yaml');
	writeFileSync(file, `file_format: "1.0"\n${yaml}`);
	return readEnvironment({ OTEL_CONFIG_FILE: file, OTEL_SVELTEKIT_LOG_SEVERITY: 'error' });
}

describe('a configuration file', () => {
	test('has no logs without a logger provider', async () => {
		const { settings } = await readFile(
			'tracer_provider: { processors: [{ simple: { exporter: { console: } } }] }'
		);
		expect(settings!.logs).toBeUndefined();
	});

	test('reads all settings of the environment, and the settings of each logger', async () => {
		const { settings, lines } = await readFile(`
attribute_limits: { attribute_count_limit: 7 }
logger_provider:
  processors:
    - batch:
        schedule_delay: 5
        export_timeout: 6
        max_queue_size: 7
        max_export_batch_size: 3
        exporter: { otlp_http: { endpoint: "http://file/v1/logs", encoding: json } }
    - batch: { exporter: { otlp_grpc: {} } }
    - batch: { schedule_delay: 3000000000, export_timeout: 3000000000, exporter: { otlp_grpc: {} } }
    - simple: { exporter: { console: } }
  limits: { attribute_value_length_limit: 9 }
  logger_configurator/development:
    default_config: { minimum_severity: warn2 }
    loggers:
      - { name: "noisy?", config: { enabled: false } }
      - { name: "shop*", config: { minimum_severity: trace, trace_based: true } }
`);
		expect(lines).toEqual([]);
		expect(settings!.logs).toMatchObject({
			processors: [
				{
					exporter: { signal: 'logs', url: 'http://file/v1/logs', protocol: 'http/json' },
					batch: { scheduleDelayMs: 5, exportTimeoutMs: 6, maxQueueSize: 7, maxExportBatchSize: 3 }
				},
				{ exporter: { protocol: 'grpc' }, batch: { scheduleDelayMs: 1000, maxQueueSize: 2048 } },
				// the longest timer of Node
				{ batch: { scheduleDelayMs: 2 ** 31 - 1, exportTimeoutMs: 2 ** 31 - 1 } },
				{ exporter: 'console' }
			],
			limits: { attributeCountLimit: 7, attributeValueLengthLimit: 9 }
		});

		const configOf = configureLoggers(settings!.logs!.loggers, 17);
		expect(configOf({ name: 'noisy1' })).toMatchObject({ enabled: false });
		expect(configOf({ name: 'noisy' })).toMatchObject({ enabled: true, minimumSeverity: 14 });
		expect(configOf({ name: 'shop.cart' })).toEqual({ enabled: true, minimumSeverity: 1, traceBased: true });
		expect(configOf({ name: 'console' })).toEqual({ enabled: true, minimumSeverity: 14, traceBased: false });
	});

	test('without a severity uses the variable', async () => {
		const { settings } = await readFile(
			'logger_provider: { processors: [{ simple: { exporter: { console: } } }] }'
		);
		const configOf = configureLoggers(settings!.logs!.loggers, 17);
		expect(configOf({ name: 'console' })).toMatchObject({ enabled: true, minimumSeverity: 17 });
	});

	test('logs settings that are not supported', async () => {
		const { lines } = await readFile(`
logger_provider:
  processors:
    - event_to_span_event_bridge/development: {}
    - batch: { exporter: { otlp_file/development: {} } }
  limits: { attribute_value_length_limit: 0 }
`);
		expect(lines).toHaveLength(1);
		expect(lines[0]).toContain(
			'logger_provider.processors[0].event_to_span_event_bridge/development is not supported'
		);
		expect(lines[0]).toContain(
			'logger_provider.processors[1].batch.exporter.otlp_file/development is not supported'
		);
		expect(lines[0]).toContain('logger_provider.limits.attribute_value_length_limit is 0');
	});
});
