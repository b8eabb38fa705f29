import type { OptionSettings } from '../config/options.ts';

/** The sampling rules besides the sampler, for the startup line: routes in the syntax of the variable. */
export function describeRules({
	keepErrors,
	keepSlowerThanMs,
	sample
}: Pick<OptionSettings, 'keepErrors' | 'keepSlowerThanMs' | 'sample'>): string[] {
	const kept = [
		...(keepErrors ? ['errors'] : []),
		...(keepSlowerThanMs === undefined ? [] : [`requests slower than ${keepSlowerThanMs} ms`])
	];
	const ratios = Object.entries(sample).map(([pattern, ratio]) => `${pattern}:${ratio}`);
	return [
		...(kept.length > 0 ? [`keeping ${kept.join(' and ')}`] : []),
		...(ratios.length > 0 ? [`sampling ${ratios.join(',')}`] : [])
	];
}
