import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import dashboard from '../../docs/grafana/sveltekit.json' with { type: 'json' };
import recorded from '../picture/metrics.json' with { type: 'json' };
import { type Panel, drawPanels } from '../picture/panels.ts';

const { note, panels } = recorded as unknown as { note: string; panels: Panel[] };

test('the picture of the dashboard in the manual is what `npm run picture:metrics` draws', async () => {
	const drawn = await readFile(new URL('../../docs/images/metrics.svg', import.meta.url), 'utf8');
	expect(drawPanels(panels, note)).toBe(drawn);
});

test('it shows every panel of the dashboard, with a line for each time series', () => {
	expect(panels.map(({ title }) => title)).toEqual(dashboard.panels.map(({ title }) => title));
	for (const { title, series } of panels) expect(series, title).not.toEqual([]);
	const lines = drawPanels(panels, note).match(/<polyline /g);
	expect(lines).toHaveLength(panels.flatMap(({ series }) => series).length);
});
