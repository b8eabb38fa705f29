import { type Sampler, SamplingDecision, type SpanProcessor } from '@opentelemetry/sdk-trace';
import type { KeepRules } from './kept-request.ts';
import { KeptRequests } from './kept-requests.ts';

/**
 * Makes requests be recorded that the sampler does not choose, so that those that turn out to matter can be
 * exported. The SDK's own `createAlwaysRecordSampler` would record all there is, without a bound, also what
 * belongs to no request. What the sampler has chosen is not touched, nor is the flag that is passed on.
 *
 * @param rules which requests are kept
 * @param sampler whose choice it is about
 * @param exporters where they go
 */
export function keepTraces(
	rules: KeepRules,
	sampler: Sampler,
	exporters: readonly SpanProcessor[]
): { sampler: Sampler; processor: SpanProcessor; description: string } {
	const processor = new KeptRequests(rules, exporters);
	return {
		processor,
		description: describeKept(rules),
		sampler: {
			shouldSample: (context, traceId, name, kind, attributes, links) => {
				const result = sampler.shouldSample(context, traceId, name, kind, attributes, links);
				return result.decision === SamplingDecision.NOT_RECORD && processor.records(kind, context)
					? { ...result, decision: SamplingDecision.RECORD }
					: result;
			},
			toString: () => String(sampler)
		}
	};
}

/** For the start-up line. */
export function describeKept({ keepErrors, keepSlowerThanMs }: KeepRules): string {
	const slow = keepSlowerThanMs === undefined ? [] : [`requests slower than ${keepSlowerThanMs} ms`];
	return `keeping ${[...(keepErrors ? ['errors'] : []), ...slow].join(' and ')}`;
}
