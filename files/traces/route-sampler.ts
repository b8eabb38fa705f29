import { type Sampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { matcher, parsePattern } from '../config/pattern.ts';
import { pathOf } from '../http/http-attributes.ts';
import { requestOf } from '../http/request-context.ts';

/**
 * Samples requests by their path or route id, the first pattern that matches, and all others as before. The
 * SDK has no sampler that asks for more than attributes, and the route is known before there are any.
 *
 * @param ratios by patterns
 * @returns puts them before a sampler
 */
export function samplerByRoute(ratios: Readonly<Record<string, number>>): (otherwise: Sampler) => Sampler {
	const rules = Object.entries(ratios).map(([pattern, ratio]) => ({
		matches: matcher([parsePattern(pattern) ?? pattern]),
		sampler: new TraceIdRatioBasedSampler(ratio)
	}));
	if (rules.length === 0) return (otherwise) => otherwise;

	return (otherwise) => ({
		shouldSample: (context, ...args) => {
			const request = requestOf(context);
			if (!request) return otherwise.shouldSample(context, ...args);
			const path = pathOf(request.req);
			const { route } = request;
			const rule = rules.find(({ matches }) => matches(path) || (route !== undefined && matches(route)));
			return (rule?.sampler ?? otherwise).shouldSample(context, ...args);
		},
		toString: () => String(otherwise)
	});
}

/** For the start-up line: as the variable has it. */
export const describeRatios = (ratios: Readonly<Record<string, number>>): string =>
	`sampling ${Object.entries(ratios)
		.map(([pattern, ratio]) => `${pattern}:${ratio}`)
		.join(',')}`;
