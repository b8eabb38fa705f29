import { type CombinationId, combinations as all, matrix } from '../support/matrix.ts';

/**
 * The combinations that this run is about: every end-to-end suite is one set of behaviours under
 * `describe.each(combinations)('%s', (combination) => …)`, never a copy per version. By default the newest
 * of each generation; `COMBINATIONS` names others, with commas between them, or `all`.
 */
export const combinations: CombinationId[] = select(process.env['COMBINATIONS']);

function select(wanted: string | undefined): CombinationId[] {
	if (!wanted) return ['kit-2', 'kit-3'];
	if (wanted === 'all') return all;
	return wanted.split(',').map((name) => {
		if (Object.hasOwn(matrix, name)) return name as CombinationId;
		throw new Error(`COMBINATIONS: there is no ${JSON.stringify(name)} (expected ${all.join(', ')} or all)`);
	});
}

/** Those of them that are of one generation, for what the other does not have. */
export const ofGeneration = (generation: 2 | 3): CombinationId[] =>
	combinations.filter((id) => matrix[id].generation === generation);

/** Whether this is the long run: what one combination shows as well as another need not be seen twice in the short one. */
export const isWholeMatrix: boolean = process.env['COMBINATIONS'] === 'all';
