import type { Attributes } from '@opentelemetry/api';

/** Maximum number of sets: as many as the SDK keeps time series of one instrument by default. */
export const MAX_SETS = 2000;

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
		const known = this.#sets.get(key);
		if (known) return known;
		const attributes = Object.freeze(create());
		if (this.#sets.size < MAX_SETS) this.#sets.set(key, attributes);
		return attributes;
	}
}
