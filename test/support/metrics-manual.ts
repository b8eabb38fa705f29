import { readFileSync } from 'node:fs';

/**
 * Reads the blocks of YAML in `docs/metrics.md` that begin with a key.
 *
 * @param key such as `groups`, of a file with rules
 */
export function readYaml(key: string): string[] {
	const manual = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
	return [...manual.matchAll(/```yaml\n([^]*?)```/g)]
		.map(([, block = '']) => block)
		.filter((block) => block.startsWith(`${key}:`));
}

/** The part of an alert's query that has an answer also while there is nothing to alert about. */
export const withoutThreshold = (query: string): string => /^([^]*) > [\d.]+$/.exec(query)?.[1] ?? '';
