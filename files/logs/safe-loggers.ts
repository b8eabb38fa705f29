import {
	type LogRecord,
	type Logger,
	type LoggerOptions,
	type LoggerProvider,
	context,
	diag
} from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { LoggerConfigurator } from '@opentelemetry/sdk-logs';
import { describeError } from '../diagnostics/log.ts';
import { boundBody } from './bound-body.ts';
import { createLineClock } from './line-clock.ts';

/** The destination of records. */
export interface Sink {
	/** Whether the queue is full. */
	readonly isFull: boolean;
	/** Counts a record that is dropped because the queue is full. */
	drop(): void;
}

/** The state that all loggers share. */
interface Common {
	sink: Sink;
	bodyLimit: number;
	now: ReturnType<typeof createLineClock>;
}

/**
 * Wraps the SDK's loggers so that calls are safe with any value. Calls are cheap if the record would be
 * dropped: it is not created then.
 */
export class SafeLoggerProvider implements LoggerProvider {
	readonly #provider: LoggerProvider;
	readonly #configure: LoggerConfigurator;
	readonly #common: Common;

	/**
	 * @param provider the SDK's provider
	 * @param configure the configuration of its loggers
	 * @param sink the destination of the records
	 * @param bodyLimit the maximum number of characters of a record's body
	 */
	constructor(provider: LoggerProvider, configure: LoggerConfigurator, sink: Sink, bodyLimit: number) {
		this.#provider = provider;
		this.#configure = configure;
		this.#common = { sink, bodyLimit, now: createLineClock() };
	}

	getLogger(name: string, version?: string, options?: LoggerOptions): SafeLogger {
		const config = this.#configure({ name });
		// records of unsampled traces may be dropped: then the context decides
		const floor = config.enabled && !config.traceBased ? config.minimumSeverity : Infinity;
		return new SafeLogger(this.#provider.getLogger(name, version, options), floor, this.#common);
	}
}

/** One of these loggers. */
export class SafeLogger implements Logger {
	readonly #logger: Logger;
	readonly #floor: number;
	readonly #common: Common;

	/**
	 * @param logger the SDK's logger
	 * @param floor records of this severity and above are kept in every context
	 * @param common the state that all loggers share
	 */
	constructor(logger: Logger, floor: number, common: Common) {
		this.#logger = logger;
		this.#floor = floor;
		this.#common = common;
	}

	emit(record: LogRecord): void {
		this.emitLater(record, () => record);
	}

	/**
	 * The same, for a record that is expensive to create.
	 *
	 * @param severity the severity and other fields that decide whether the record is kept
	 * @param make creates the record, or returns undefined for none
	 */
	emitLater(severity: LogRecord, make: () => LogRecord | undefined): void {
		const { sink, bodyLimit, now } = this.#common;
		try {
			// in a log storm most records end here
			if (sink.isFull && severity.severityNumber! >= this.#floor) return sink.drop();
			if (!this.enabled(severity)) return;
			if (sink.isFull) return sink.drop();
			const record = make();
			if (!record) return;
			const time = now();
			this.#logger.emit({
				...withTexts(record),
				timestamp: record.timestamp ?? time,
				observedTimestamp: record.observedTimestamp ?? time,
				body: boundBody(record.body, bodyLimit)
			});
		} catch (error) {
			diag.warn(`a log record could not be made (${describeError(error)}): it is ignored`);
		}
	}

	enabled(options?: Parameters<Logger['enabled']>[0]): boolean {
		try {
			// logs of an export would be exported, and cause more logs
			if (isTracingSuppressed(options?.context ?? context.active())) return false;
			return this.#logger.enabled(options);
		} catch {
			return false;
		}
	}
}

/** A value of the wrong type for a text or severity would make a collector reject the whole request. */
function withTexts(record: LogRecord): LogRecord {
	const { severityNumber, severityText, eventName, ...rest } = record;
	return {
		...rest,
		...(isSeverity(severityNumber) && { severityNumber }),
		...(severityText !== undefined && { severityText: String(severityText) }),
		...(eventName !== undefined && { eventName: String(eventName) })
	};
}

const isSeverity = (value: unknown): boolean =>
	Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 24;
