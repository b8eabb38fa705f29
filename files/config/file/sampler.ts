import type { SamplerConfigModel } from '@opentelemetry/configuration';
import type { SamplerSettings } from '../sampler.ts';
import { type Problems, onlyEntry } from './problems.ts';

/** The default of the schema: parent-based, with all root spans sampled. */
const DEFAULT: SamplerSettings = { name: 'parentbased', root: { name: 'always_on' } };

/**
 * The sampler of a configuration file. Mirrors `createSamplerFromConfig` of `@opentelemetry/sdk-node`, which
 * throws where this records a problem.
 */
export function toSampler(
	node: SamplerConfigModel | undefined,
	path: string,
	problems: Problems
): SamplerSettings {
	if (!node) return DEFAULT;
	const [name, properties] = onlyEntry(node);
	switch (name) {
		case 'always_on':
		case 'always_off':
			return { name };
		case 'trace_id_ratio_based':
			return { name: 'traceidratio', ratio: node.trace_id_ratio_based?.ratio ?? 1 };
		case 'parent_based': {
			const { root, ...parents } = (properties ?? {}) as NonNullable<SamplerConfigModel['parent_based']>;
			const nested = (key: keyof typeof parents) =>
				parents[key] && toSampler(parents[key], `${path}.parent_based.${key}`, problems);
			const settings = Object.entries({
				remoteParentSampled: nested('remote_parent_sampled'),
				remoteParentNotSampled: nested('remote_parent_not_sampled'),
				localParentSampled: nested('local_parent_sampled'),
				localParentNotSampled: nested('local_parent_not_sampled')
			}).filter(([, sampler]) => sampler);
			return {
				name: 'parentbased',
				root: root ? toSampler(root, `${path}.parent_based.root`, problems) : { name: 'always_on' },
				...(settings.length > 0 && { parents: Object.fromEntries(settings) })
			};
		}
		default:
			problems.add(`${path}.${name}`, 'is not supported (parentbased_always_on is used)');
			return DEFAULT;
	}
}
