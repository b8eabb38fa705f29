import {
	AlwaysOffSampler,
	AlwaysOnSampler,
	ParentBasedSampler,
	type Sampler,
	TraceIdRatioBasedSampler
} from '@opentelemetry/sdk-trace';
import type { SamplerSettings } from '../config/sampler.ts';

/** The sampler of the settings, by the SDK's own classes. */
export function createSampler(settings: SamplerSettings): Sampler {
	switch (settings.name) {
		case 'always_on':
			return new AlwaysOnSampler();
		case 'always_off':
			return new AlwaysOffSampler();
		case 'traceidratio':
			return new TraceIdRatioBasedSampler(settings.ratio);
		case 'parentbased': {
			const parents = Object.entries(settings.parents ?? {}).map(([kind, own]) => [kind, createSampler(own)]);
			return new ParentBasedSampler({ root: createSampler(settings.root), ...Object.fromEntries(parents) });
		}
	}
}
