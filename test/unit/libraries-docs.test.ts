import { expect, test } from 'vitest';

import { PINNED } from '../side-by-side/pinned.ts';
import { cellsOf, readTable } from '../side-by-side/table.ts';

test('the manual lists the libraries that are compared with upstream, in the versions that are pinned', async () => {
	const rows = (await readTable()).split('\n').slice(2);
	expect(rows.map((row) => row.split(' | ', 2).join(' | '))).toEqual(
		Object.keys(PINNED).map((route) => `| ${cellsOf(route).join(' | ')}`)
	);
	for (const row of rows) expect(row).toMatch(/ \| \S[^|]* \|$/);
});
