import { type Results, type Row, noiseOf } from './results.ts';

const WIDTH = 760;
const LABEL = 330;
const BAR = 18;
const STEP = 28;
const TOP = 54;
const LEAST_SCALE = 1.2;

/**
 * Draws the CPU time per request of every variant on SvelteKit 3, relative to plain adapter-node.
 *
 * @returns undefined if none of them was measured
 */
export function drawPlot({ groups }: Results): string | undefined {
	const main = groups['kit-3'] ?? groups.others;
	if (!main) return undefined;
	const others = groups.others?.rows.filter(({ id }) => main.rows.every((row) => row.id !== id)) ?? [];
	const rows = [...main.rows, ...others];
	const noise = noiseOf(main.rows) ?? 0;
	const most = Math.max(LEAST_SCALE, ...rows.map(({ ratio }) => ratio.high));
	const x = (ratio: number): number => round(LABEL + ((WIDTH - LABEL - 60) * ratio) / most);
	const bottom = TOP + rows.length * STEP;

	return `${[
		`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${bottom + 20}" viewBox="0 0 ${WIDTH} ${bottom + 20}" font-family="system-ui, sans-serif" font-size="13">`,
		`<rect width="100%" height="100%" fill="#fff"/>`,
		`<text x="12" y="24" font-size="15" font-weight="600">CPU time per request, plain adapter-node = 1</text>`,
		`<text x="12" y="42" fill="#666">${escape(`${main.date}, Node ${main.node}, ${main.machine}; median and quartiles`)}</text>`,
		`<rect x="${x(1 - noise)}" y="${TOP}" width="${round(x(1 + noise) - x(1 - noise))}" height="${bottom - TOP}" fill="#eee"><title>noise</title></rect>`,
		...rows.map((row, index) => drawRow(row, TOP + index * STEP, x)),
		`<line x1="${x(1)}" x2="${x(1)}" y1="${TOP}" y2="${bottom}" stroke="#333" stroke-dasharray="3 3"/>`,
		'</svg>'
	].join('\n')}\n`;
}

function drawRow({ id, title, ratio }: Row, y: number, x: (ratio: number) => number): string {
	const middle = y + STEP / 2;
	const color = id.startsWith('ours') ? '#0b7285' : id.startsWith('plain') ? '#868e96' : '#e8590c';
	return [
		`<text x="${LABEL - 8}" y="${middle + 4}" text-anchor="end">${escape(title.replaceAll('`', ''))}</text>`,
		`<rect x="${LABEL}" y="${middle - BAR / 2}" width="${round(x(ratio.median) - LABEL)}" height="${BAR}" fill="${color}" fill-opacity="0.8"/>`,
		`<line x1="${x(ratio.low)}" x2="${x(ratio.high)}" y1="${middle}" y2="${middle}" stroke="#000"/>`,
		`<text x="${x(ratio.high) + 6}" y="${middle + 4}">${ratio.median.toFixed(2)}</text>`
	].join('\n');
}

const round = (value: number): number => Math.round(value * 10) / 10;

function escape(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
