import type { OtlpSettings } from '../config/otlp.ts';

/** How far the worker is. */
export const STARTING = 0;
export const SENDING = 1;
export const DONE = 2;

/** What the worker is given. */
export interface LastExport {
	userAgent: string;
	timeoutMs: number;
	/** Bodies by where they go. */
	jobs: { otlp: OtlpSettings; bodies: Uint8Array[] }[];
	/** First how far the worker is, then for each body whether it was taken. */
	result: Int32Array<SharedArrayBuffer>;
}
