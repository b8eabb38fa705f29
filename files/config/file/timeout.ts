/** The value for no limit: the longest timer in Node. */
const NO_LIMIT_MS = 2 ** 31 - 1;

/** A timeout of the configuration file, in milliseconds; in the schema, 0 means no limit. */
export const toLimit = (ms: number | null | undefined, fallback: number): number =>
	ms === 0 ? NO_LIMIT_MS : Math.min(ms ?? fallback, NO_LIMIT_MS);
