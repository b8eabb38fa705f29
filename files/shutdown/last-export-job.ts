import type { OtlpSettings } from '../config/otlp.ts';

/** The state of the worker. */
export const STARTING = 0;
export const SENDING = 1;
export const DONE = 2;

/** The data that the worker gets. */
export interface LastExport {
	userAgent: string;
	timeoutMs: number;
	/** The bodies, grouped by destination. */
	jobs: { otlp: OtlpSettings; bodies: Uint8Array[] }[];
	/** First the state of the worker, then for each body whether it was accepted. */
	result: Int32Array<SharedArrayBuffer>;
}
