import type { LogRecordProcessor, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { BatchQueue } from '../otlp/batch-queue.ts';

/** Exports log records in batches. */
export class LogQueue extends BatchQueue<ReadableLogRecord> implements LogRecordProcessor {
	onEmit(record: ReadableLogRecord): void {
		this.add(record);
	}
}
