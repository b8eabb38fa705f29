import type { OtlpSettings } from '../config/otlp.ts';
import type { EncodedBatch } from './batch.ts';
import type { ExportHealth } from './export-health.ts';

/** A signal that is on: what `start.ts` has to know of it, to name it and to end it. */
export interface Signal {
	/** Where it goes, for the startup line: `otlp http/protobuf to http://…`. */
	readonly exporters: readonly string[];
	/** Exports what waits, and waits for all that is under way. */
	flush(): Promise<void>;
	/** Ends everything under way, at once, and tells what was lost; after the last flush, or instead of it. */
	close(): Promise<void>;
	/** The same where the process ends in this very turn: gives out what is left. */
	leave(): Leftover[];
}

/** What has not left the process when it ends. */
export interface Leftover {
	batches: readonly EncodedBatch[];
	/** Where to. */
	otlp: OtlpSettings;
	/** Whom to tell what becomes of it. */
	health: ExportHealth;
}

/** Several ways out of one signal, or several signals, as one. */
export const join = (signals: readonly Signal[]): Signal => ({
	exporters: signals.flatMap(({ exporters }) => exporters),
	flush: async () => void (await Promise.allSettled(signals.map((signal) => signal.flush()))),
	close: async () => void (await Promise.allSettled(signals.map((signal) => signal.close()))),
	leave: () => signals.flatMap((signal) => signal.leave())
});
