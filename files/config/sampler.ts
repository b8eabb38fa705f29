import type { Environment } from './variable.ts';
import { VARIABLES } from './variables.ts';

/** Which traces are recorded. */
export type SamplerSettings =
	| { readonly name: 'always_on' | 'always_off' }
	| { readonly name: 'traceidratio'; readonly ratio: number }
	| {
			readonly name: 'parentbased';
			/** For a trace that begins here. */
			readonly root: SamplerSettings;
			/** For the four kinds of parents, where something else than the parent shall decide. */
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
 * Mirrors `createSamplerFromEnv` of `@opentelemetry/sdk-node`, but for the default: without a name, the
 * argument is the ratio here, where upstream ignores it, which has surprised everybody who set it.
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

/** Whether a span below a local one that is sampled is sampled in any case, so that nobody needs to be asked. */
export function isInherited(settings: SamplerSettings): boolean {
	if (settings.name === 'parentbased') return settings.parents?.localParentSampled === undefined;
	return settings.name !== 'always_off';
}

/** For the startup line: the name of the specification, and the ratio. */
export function describeSampler(settings: SamplerSettings): string {
	if (settings.name === 'parentbased') return `parentbased_${describeSampler(settings.root)}`;
	return settings.name === 'traceidratio' ? `${settings.name} ${settings.ratio}` : settings.name;
}
