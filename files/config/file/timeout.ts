/** What stands for no limit: the longest timer that Node has. */
const NO_LIMIT_MS = 2 ** 31 - 1;

/** A time of the file, in milliseconds: by the schema, 0 is no limit. */
export const toLimit = (ms: number | null | undefined, fallback: number): number =>
	ms === 0 ? NO_LIMIT_MS : Math.min(ms ?? fallback, NO_LIMIT_MS);
