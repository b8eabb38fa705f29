import { type Sampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { matcher, parsePattern } from '../config/pattern.ts';
import { pathOf } from '../http/http-attributes.ts';
import { requestOf } from '../http/request-context.ts';

/**
 * Samples requests by their path or route id; the first matching pattern is used, and other requests are sampled
 * by the given sampler. The SDK's samplers read only attributes, and the route is known before there are
 * attributes.
 *
 * @param ratios the ratios by pattern
 * @returns a function that adds these rules to a sampler
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
			const route = request.route?.matched;
			const rule = rules.find(({ matches }) => matches(path) || (route !== undefined && matches(route)));
			return (rule?.sampler ?? otherwise).shouldSample(context, ...args);
		},
		toString: () => String(otherwise)
	});
}
