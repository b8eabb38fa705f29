import {
	AlwaysOffSampler,
	AlwaysOnSampler,
	ParentBasedSampler,
	type Sampler,
	TraceIdRatioBasedSampler
} from '@opentelemetry/sdk-trace';
import type { SamplerSettings } from '../config/sampler.ts';

/**
 * Creates the sampler of the settings, from the SDK's classes.
 *
 * @param settings the settings of the sampler
 * @param withRules adds the sampling rules for routes to the sampler for root spans
 */
export function createSampler(
	settings: SamplerSettings,
	withRules: (otherwise: Sampler) => Sampler = (otherwise) => otherwise
): Sampler {
	switch (settings.name) {
		case 'always_on':
			return withRules(new AlwaysOnSampler());
		case 'always_off':
			return withRules(new AlwaysOffSampler());
		case 'traceidratio':
			return withRules(new TraceIdRatioBasedSampler(settings.ratio));
		case 'parentbased': {
			const parents = Object.entries(settings.parents ?? {}).map(([kind, own]) => [kind, createSampler(own)]);
			return new ParentBasedSampler({
				root: createSampler(settings.root, withRules),
				...Object.fromEntries(parents)
			});
		}
	}
}
