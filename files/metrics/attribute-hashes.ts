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
		if (isConstant(attributes)) known.set(attributes, calculated);
		return calculated;
	};
}

/** Whether attributes cannot change between two measurements. An app may also pass anything else. */
const isConstant = (attributes: unknown): attributes is Attributes =>
	typeof attributes === 'object' &&
	attributes !== null &&
	Object.isFrozen(attributes) &&
	Object.values(attributes).every((value) => typeof value !== 'object');
