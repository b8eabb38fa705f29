/** Limit of the cache of names: an app has as many names as it has files and routes. */
export const MAX_NAMES = 1000;

/** Names by their first part, then by their second. */
const names = new Map<string, Map<string, string>>();
let count = 0;

/**
 * Joins two parts of a name by a space. It returns the same string for the same parts, because a new string must
 * be hashed again in each place that looks it up, such as the encoder.
 */
export function joinNames(first: string, second: string): string {
	const known = names.get(first)?.get(second);
	if (known !== undefined) return known;
	const name = `${first} ${second}`;
	if (count < MAX_NAMES) {
		count++;
		if (!names.has(first)) names.set(first, new Map());
		names.get(first)!.set(second, name);
	}
	return name;
}
