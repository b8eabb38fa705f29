import { type LogRecord, type Logger, type LoggerProvider, context, diag } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { describe } from '../diagnostics/guard.ts';
import { boundBody } from './bound-body.ts';
import { createLineClock } from './line-clock.ts';

/** Where records go. */
export interface Sink {
	/** Whether there is no room for another one. */
	readonly isFull: boolean;
	/** Counts one that has found none. */
	drop(): void;
}

/** What all loggers have in common. */
interface Common {
	sink: Sink;
	bodyLimit: number;
	now: ReturnType<typeof createLineClock>;
}

/**
 * The SDK's loggers, made safe to call with whatever the app has, and cheap to call where a record would be
 * dropped: nothing is made of it then.
 */
export class SafeLoggerProvider implements LoggerProvider {
	readonly #provider: LoggerProvider;
	readonly #common: Common;

	/**
	 * @param provider the SDK's
	 * @param sink where its records go
	 * @param bodyLimit characters of a record's body
	 */
	constructor(provider: LoggerProvider, sink: Sink, bodyLimit: number) {
		this.#provider = provider;
		this.#common = { sink, bodyLimit, now: createLineClock() };
	}

	getLogger(...args: Parameters<LoggerProvider['getLogger']>): SafeLogger {
		return new SafeLogger(this.#provider.getLogger(...args), this.#common);
	}
}

/** One of these loggers. */
export class SafeLogger implements Logger {
	readonly #logger: Logger;
	readonly #common: Common;

	constructor(logger: Logger, common: Common) {
		this.#logger = logger;
		this.#common = common;
	}

	emit(record: LogRecord): void {
		this.emitLater(record, () => record);
	}

	/**
	 * The same, for a record that costs something to make.
	 *
	 * @param severity and whatever else decides whether the record is wanted
	 * @param make makes it, or decides that there is none
	 */
	emitLater(severity: LogRecord, make: () => LogRecord | undefined): void {
		const { sink, bodyLimit, now } = this.#common;
		try {
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
			diag.warn(`a log record could not be made (${describe(error)}): it is passed over`);
		}
	}

	enabled(options?: Parameters<Logger['enabled']>[0]): boolean {
		try {
			// what an export says would be exported, and say something again
			if (isTracingSuppressed(options?.context ?? context.active())) return false;
			return this.#logger.enabled(options);
		} catch {
			return false;
		}
	}
}

/** What is no text, or no severity, in the place of one would make a collector refuse the whole request. */
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
