import type { OtlpSettings } from '../config/otlp.ts';
import type { EncodedBatch } from './batch.ts';
import type { ExportHealth } from './export-health.ts';

/** An enabled signal: what `start/` needs to describe it and to shut it down. */
export interface Signal {
	/** The exporters, for the startup line: `otlp http/protobuf to http://…`. */
	readonly exporters: readonly string[];
	/** Exports all queued items, and waits for the exports in progress. */
	flush(): Promise<void>;
	/** Stops all exports immediately, and logs what was lost. Called after the last flush, or instead of it. */
	close(): Promise<void>;
	/** The same for a process that exits without another turn of the event loop: returns what was not sent. */
	drain(): Leftover[];
}

/** Data that was not sent when the process exits. */
export interface Leftover {
	batches: readonly EncodedBatch[];
	/** Sent completely, but not answered: the collector may have accepted it. */
	unanswered: readonly Unanswered[];
	/** The destination. */
	otlp: OtlpSettings;
	/** Records the result of the last export. */
	health: ExportHealth;
}

/** A request that waits for its answer. */
export interface Unanswered {
	/** The number of items. */
	count: number;
	/** The start of the request, on the clock of `performance.now()`. */
	since: number;
}

/** Combines several exporters of one signal, or several signals, into one. */
export const join = (signals: readonly Signal[]): Signal => ({
	exporters: signals.flatMap(({ exporters }) => exporters),
	flush: async () => void (await Promise.allSettled(signals.map((signal) => signal.flush()))),
	close: async () => void (await Promise.allSettled(signals.map((signal) => signal.close()))),
	drain: () => signals.flatMap((signal) => signal.drain())
});
