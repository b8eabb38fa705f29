import type { DevSampling } from '../types/dev.d.ts';

/** The descriptions of samplers that sample all traces that begin in this process. */
const ALL = /always_on$|ratio 1$/;

/**
 * Why the page does not show all requests: those that are not sampled have no trace.
 *
 * @param sampling what is in force
 * @param env the environment that it was read from
 * @returns undefined if all requests are sampled
 */
export function describeSampling(
	{ sampler, sample, isOwn, isOfFile }: DevSampling,
	env: NodeJS.ProcessEnv
): string | undefined {
	// this file has precedence over the environment
	const place = env.OTEL_SVELTEKIT_SAMPLING_FILE?.trim()
		? ' in the file of OTEL_SVELTEKIT_SAMPLING_FILE'
		: '';
	const ratios = Object.entries(sample).filter(([, ratio]) => ratio < 1);
	const causes: string[] = [];
	const remedies: string[] = [];
	if (!ALL.test(sampler)) {
		causes.push(`sampler ${sampler}`);
		remedies.push(
			isOwn
				? 'another sampler there'
				: isOfFile
					? 'the sampler always_on in the file of OTEL_CONFIG_FILE'
					: `OTEL_TRACES_SAMPLER=always_on${place}`
		);
	}
	if (ratios.length > 0) {
		causes.push(`sampling ${ratios.map((each) => each.join(':')).join(',')}`);
		remedies.push(`OTEL_SVELTEKIT_SAMPLE=none${place}`);
	}
	if (causes.length === 0) return undefined;
	return `The page shows only the requests that are sampled: ${causes.join('; ')}. Set ${remedies.join(' and ')} to see all.`;
}
