import { hrTimeToMilliseconds } from '@opentelemetry/core';
import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { write } from '../diagnostics/write.ts';

/** Writes each record as one line of JSON to stdout, for use without a collector. */
export const createConsoleProcessor = (): LogRecordProcessor => ({
	onEmit: (record) => write(process.stdout, `${JSON.stringify(toLine(record))}\n`),
	forceFlush: async () => {},
	shutdown: async () => {}
});

function toLine(record: ReadableLogRecord): Record<string, unknown> {
	const { traceId, spanId } = record.spanContext ?? {};
	return {
		timestamp: new Date(hrTimeToMilliseconds(record.hrTime)).toISOString(),
		severity: record.severityText,
		severityNumber: record.severityNumber,
		logger: record.instrumentationScope.name,
		eventName: record.eventName,
		body: record.body,
		attributes: record.attributes,
		traceId,
		spanId
	};
}
