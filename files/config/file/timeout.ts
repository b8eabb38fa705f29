import { MAX_INTEGER } from '../parse.ts';

/** A delay of the configuration file, in milliseconds. Node would run a longer timer immediately. */
export const toDelay = (ms: number | null | undefined, fallback: number): number =>
	Math.min(ms ?? fallback, MAX_INTEGER);

/** A timeout of the configuration file, in milliseconds; in the schema, 0 means no limit. */
export const toLimit = (ms: number | null | undefined, fallback: number): number =>
	ms === 0 ? MAX_INTEGER : toDelay(ms, fallback);
