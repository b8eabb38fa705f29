import { type CombinationId, combinations as all, matrix } from '../support/matrix.ts';

/**
 * The combinations that this run is about: every end-to-end suite is one set of behaviours under
 * `describe.each(combinations)('%s', (combination) => …)`, never a copy per version. By default the newest
 * of each generation; `COMBINATIONS` names others, with commas between them, `oldest` or `all`.
 */
export const combinations: CombinationId[] = select(process.env['COMBINATIONS']);

function select(wanted: string | undefined): CombinationId[] {
	if (!wanted) return ['kit-2', 'kit-3'];
	if (wanted === 'all') return all;
	if (wanted === 'oldest') return all.filter((id) => id.endsWith('-oldest'));
	return wanted.split(',').map((name) => {
		if (Object.hasOwn(matrix, name)) return name as CombinationId;
		throw new Error(
			`COMBINATIONS: there is no ${JSON.stringify(name)} (expected ${all.join(', ')}, oldest or all)`
		);
	});
}

/** Those of them that are of one generation, for what the other does not have. */
export const ofGeneration = (generation: 2 | 3): CombinationId[] =>
	combinations.filter((id) => matrix[id].generation === generation);

/** Whether this is a long run: what one combination shows as well as another need not be seen twice in the short one. */
export const isWholeMatrix: boolean = ['oldest', 'all'].includes(process.env['COMBINATIONS'] ?? '');
