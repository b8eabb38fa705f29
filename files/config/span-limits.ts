import type { SpanLimits } from '@opentelemetry/sdk-trace';
import type { Environment } from './variable.ts';
import { VARIABLES } from './variables.ts';

/**
 * Reads the span limits; the variables for spans have precedence over the general ones. Mirrors
 * `createSpanLimitsFromEnv` of `@opentelemetry/sdk-node`.
 */
export function readSpanLimits(env: Environment): SpanLimits {
	const { value: length } = env.readFirst([
		VARIABLES.spanAttributeValueLengthLimit,
		VARIABLES.attributeValueLengthLimit
	]);
	return {
		attributeCountLimit: env.readFirst([VARIABLES.spanAttributeCountLimit, VARIABLES.attributeCountLimit])
			.value,
		...(length !== undefined && { attributeValueLengthLimit: length }),
		eventCountLimit: env.read(VARIABLES.spanEventCountLimit),
		linkCountLimit: env.read(VARIABLES.spanLinkCountLimit),
		attributePerEventCountLimit: env.read(VARIABLES.eventAttributeCountLimit),
		attributePerLinkCountLimit: env.read(VARIABLES.linkAttributeCountLimit)
	};
}
