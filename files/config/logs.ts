import { type BatchSettings, LOG_BATCH, readBatch } from './batch.ts';
import { type OtlpSettings, readOtlp } from './otlp.ts';
import type { Environment } from './variable.ts';
import { VARIABLES } from './variables.ts';

/** The settings of log records: the loggers, the limits and the exporters. */
export interface LogsSettings {
	readonly processors: readonly LogProcessorSettings[];
	readonly limits: { readonly attributeCountLimit?: number; readonly attributeValueLengthLimit?: number };
	/**
	 * Rules for loggers; the first matching pattern is used. Other loggers export all records of the minimum
	 * severity.
	 */
	readonly loggers: readonly LoggerSettings[];
}

/** A log record processor: batches for the collector, single records for stdout. */
export type LogProcessorSettings =
	| { readonly exporter: OtlpSettings; readonly batch: BatchSettings }
	| { readonly exporter: 'console'; readonly batch?: undefined };

/** The settings for loggers that match a pattern. */
export interface LoggerSettings {
	/** A logger name, with the wildcards `*` for any characters and `?` for one. */
	readonly pattern: string;
	readonly isEnabled: boolean;
	/** Undefined for the minimum severity of all loggers. */
	readonly minimumSeverity?: number | undefined;
	/** Whether records of unsampled traces are dropped. */
	readonly isTraceBased: boolean;
}

/** Reads the settings of log records from the environment; undefined if logs are off. */
export function readLogs(env: Environment): LogsSettings | undefined {
	const exporters = env.read(VARIABLES.logsExporter);
	if (exporters.length === 0) return undefined;

	const { value: length } = env.readFirst([
		VARIABLES.logAttributeValueLengthLimit,
		VARIABLES.attributeValueLengthLimit
	]);
	return {
		processors: exporters.map((name) =>
			name === 'otlp'
				? { exporter: readOtlp(env, 'logs'), batch: readBatch(env, LOG_BATCH) }
				: { exporter: name }
		),
		limits: {
			attributeCountLimit: env.readFirst([VARIABLES.logAttributeCountLimit, VARIABLES.attributeCountLimit])
				.value,
			...(length !== undefined && { attributeValueLengthLimit: length })
		},
		loggers: []
	};
}
