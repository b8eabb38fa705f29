import type { Attributes } from '@opentelemetry/api';

type Hash = (attributes: Attributes) => string;

/**
 * Calculates the hash of frozen attributes once. `@opentelemetry/sdk-metrics` sorts and serializes the attributes
 * of each measurement, which takes longer than the rest of the measurement.
 *
 * @param hash calculates a hash
 */
export function rememberHashes(hash: Hash): Hash {
	const known = new WeakMap<Attributes, string>();
	return (attributes) => {
		const remembered = known.get(attributes);
		if (remembered !== undefined) return remembered;
		const calculated = hash(attributes);
		// other attributes may change between two measurements
		if (Object.isFrozen(attributes)) known.set(attributes, calculated);
		return calculated;
	};
}
