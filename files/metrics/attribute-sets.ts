import type { Attributes } from '@opentelemetry/api';
import { SERIES_LIMIT } from './limits.ts';

/**
 * Keeps one frozen object for each set of attributes, so that its hash is calculated once: see
 * `attribute-hashes.ts`.
 */
export class AttributeSets {
	readonly #sets = new Map<string | number | undefined, Attributes>();

	/**
	 * Finds a set, or creates it.
	 *
	 * @param key identifies the values. A number, or a string that the app keeps, is found without a new hash
	 * @param create creates the attributes
	 */
	get(key: string | number | undefined, create: () => Attributes): Attributes {
		return findOrCreate(this.#sets, key, () => Object.freeze(create()));
	}
}

/**
 * The value of a key. A new value is kept while there are fewer than the SDK keeps time series of one instrument.
 *
 * @param kept the values that are known
 * @param key the key
 * @param create creates the value
 */
export function findOrCreate<Key, Value extends object>(
	kept: Map<Key, Value>,
	key: Key,
	create: () => Value
): Value {
	const known = kept.get(key);
	if (known) return known;
	const created = create();
	if (kept.size < SERIES_LIMIT) kept.set(key, created);
	return created;
}
