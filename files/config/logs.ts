import { type BatchSettings, LOG_BATCH, readBatch } from './batch.ts';
import { type OtlpSettings, readOtlp } from './otlp.ts';
import type { Environment } from './variable.ts';
import { VARIABLES } from './variables.ts';

/** What log records are made of, and where they go. */
export interface LogsSettings {
	readonly processors: readonly LogProcessorSettings[];
	readonly limits: { readonly attributeCountLimit?: number; readonly attributeValueLengthLimit?: number };
	/** What is kept of which loggers: the first whose pattern fits; of the others all, from the floor on. */
	readonly loggers: readonly LoggerSettings[];
}

/** One way out for log records: to the collector in batches, to stdout one by one. */
export type LogProcessorSettings =
	| { readonly exporter: OtlpSettings; readonly batch: BatchSettings }
	| { readonly exporter: 'console'; readonly batch?: undefined };

/** What is kept of some loggers. */
export interface LoggerSettings {
	/** A name, where `*` stands for any characters and `?` for one. */
	readonly pattern: string;
	readonly isEnabled: boolean;
	/** Undefined: the floor of all loggers. */
	readonly minimumSeverity?: number | undefined;
	/** Whether records of traces that are not sampled are left out. */
	readonly isTraceBased: boolean;
}

/** What the environment says of log records; undefined where they are off. */
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
