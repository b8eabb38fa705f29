import type { Environment } from './variable.ts';
import { VARIABLES } from './variables.ts';

/** The settings of a sampler. */
export type SamplerSettings =
	| { readonly name: 'always_on' | 'always_off' }
	| { readonly name: 'traceidratio'; readonly ratio: number }
	| {
			readonly name: 'parentbased';
			/** The sampler for root spans. */
			readonly root: SamplerSettings;
			/** The samplers for the four kinds of parents, if they differ from the decision of the parent. */
			readonly parents?: Partial<
				Record<
					'remoteParentSampled' | 'remoteParentNotSampled' | 'localParentSampled' | 'localParentNotSampled',
					SamplerSettings
				>
			>;
	  };

/**
 * Reads `OTEL_TRACES_SAMPLER` and its argument
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration).
 * Mirrors `createSamplerFromEnv` of `@opentelemetry/sdk-node`, with one difference: if only the argument is set,
 * it is the ratio of the default sampler. Upstream ignores it, which is not what users expect.
 */
export function readSampler(env: Environment): SamplerSettings {
	const name = env.read(VARIABLES.sampler);
	const [, parentBased, own] = /^(parentbased_)?(.+)$/.exec(name)!;
	const root: SamplerSettings =
		own === 'traceidratio'
			? { name: own, ratio: env.read(VARIABLES.samplerArg) }
			: { name: own as 'always_on' | 'always_off' };

	if (root.name !== 'traceidratio' && env.has(VARIABLES.samplerArg)) {
		env.reject(
			{ ...VARIABLES.samplerArg, expected: 'OTEL_TRACES_SAMPLER=parentbased_traceidratio with it' },
			`is set, but the sampler ${name} takes no argument`,
			'it is ignored'
		);
	}
	return parentBased ? { name: 'parentbased', root } : root;
}

/** Whether a child of a sampled local span is always sampled, so that the sampler need not be called. */
export function isInherited(settings: SamplerSettings): boolean {
	if (settings.name === 'parentbased') return settings.parents?.localParentSampled === undefined;
	return settings.name !== 'always_off';
}

/** For the startup line: the sampler name of the specification, and the ratio. */
export function describeSampler(settings: SamplerSettings): string {
	if (settings.name === 'parentbased') return `parentbased_${describeSampler(settings.root)}`;
	return settings.name === 'traceidratio' ? `${settings.name} ${settings.ratio}` : settings.name;
}
