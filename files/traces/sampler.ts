import {
	AlwaysOffSampler,
	AlwaysOnSampler,
	ParentBasedSampler,
	type Sampler,
	TraceIdRatioBasedSampler
} from '@opentelemetry/sdk-trace';
import type { SamplerSettings } from '../config/sampler.ts';

/**
 * The sampler of the settings, by the SDK's own classes.
 *
 * @param settings which
 * @param withRules puts what is said of routes before what decides about a trace that begins here
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
