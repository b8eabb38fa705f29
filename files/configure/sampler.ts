import {
	AlwaysOffSampler,
	AlwaysOnSampler,
	ParentBasedSampler,
	type Sampler,
	TraceIdRatioBasedSampler
} from '@opentelemetry/sdk-trace';
import type { Settings } from './settings.ts';

/**
 * The sampler of the given name
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration).
 * Mirrors `createSamplerFromEnv` of `@opentelemetry/sdk-node`, but for the default: see `readSampler`.
 */
export function createSampler({ name, ratio }: Settings['sampler']): Sampler {
	switch (name) {
		case 'always_on':
			return new AlwaysOnSampler();
		case 'always_off':
			return new AlwaysOffSampler();
		case 'traceidratio':
			return new TraceIdRatioBasedSampler(ratio);
		case 'parentbased_always_on':
			return new ParentBasedSampler({ root: new AlwaysOnSampler() });
		case 'parentbased_always_off':
			return new ParentBasedSampler({ root: new AlwaysOffSampler() });
		case 'parentbased_traceidratio':
			return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
	}
}
