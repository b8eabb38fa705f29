import type { Attributes } from '@opentelemetry/api';

/** Maximum number of sets: as many as the SDK keeps time series of one instrument by default. */
const MAX_SETS = 2000;

/**
 * Keeps one frozen object for each set of attributes, so that its hash is calculated once: see
 * `attribute-hashes.ts`.
 */
export class AttributeSets {
	readonly #sets = new Map<string, Attributes>();

	/**
	 * Finds a set, or creates it.
	 *
	 * @param key identifies the values
	 * @param create creates the attributes
	 */
	get(key: string, create: () => Attributes): Attributes {
		const known = this.#sets.get(key);
		if (known) return known;
		const attributes = Object.freeze(create());
		if (this.#sets.size < MAX_SETS) this.#sets.set(key, attributes);
		return attributes;
	}
}
