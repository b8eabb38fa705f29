import { type Sampler, SamplingDecision, type SpanProcessor } from '@opentelemetry/sdk-trace';
import type { KeepRules } from './kept-request.ts';
import { KeptRequests } from './kept-requests.ts';

/**
 * Records requests that the sampler does not sample, so that those that fail or are slow can be exported. The
 * SDK's own `createAlwaysRecordSampler` would record all spans without a limit, including those that belong to no
 * request. Sampled requests are not changed, and neither is the sampled flag that is propagated.
 *
 * @param rules which requests are kept; they can be changed on the processor
 * @param sampler the configured sampler
 * @param exporters the processors that export the spans
 */
export function keepTraces(
	rules: KeepRules,
	sampler: Sampler,
	exporters: readonly SpanProcessor[]
): { sampler: Sampler; processor: KeptRequests } {
	const processor = new KeptRequests(rules, exporters);
	return {
		processor,
		sampler: {
			shouldSample: (context, traceId, name, kind, attributes, links) => {
				const result = sampler.shouldSample(context, traceId, name, kind, attributes, links);
				return result.decision === SamplingDecision.NOT_RECORD && processor.records(kind, context)
					? { ...result, decision: SamplingDecision.RECORD }
					: result;
			}
		}
	};
}
