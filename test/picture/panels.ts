/** A panel of the dashboard, with what a Prometheus has answered to its query. */
export interface Panel {
	title: string;
	/** The unit in Grafana's terms. */
	unit: string;
	series: Series[];
}

interface Series {
	label: string;
	/** Seconds and values, such as `0,1.5 1,2`. */
	points: string;
}

const columns = 3;
const panelWidth = 300;
const plotHeight = 110;
const margin = 20;
const gap = 16;
const labelHeight = 15;
/** The space above and below the lines of a panel. */
const titleHeight = 26;
const axisWidth = 52;

/** A solid background, so that it is readable on any page; the colours follow the reader's scheme. */
const style = `
	.ground { fill: #ffffff; stroke: #d0d7de }
	.grid { stroke: #eaeef2 }
	polyline { fill: none; stroke-width: 1.5 }
	text { font: 11px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328 }
	.title { font-weight: 600; font-size: 12px }
	.muted { fill: #59636e; font-size: 10px }
	@media (prefers-color-scheme: dark) {
		.ground { fill: #0d1117; stroke: #3d444d }
		.grid { stroke: #21262d }
		text { fill: #f0f6fc }
		.muted { fill: #9198a1 }
	}`;

const colours = ['#0969da', '#bc4c00', '#1a7f37', '#8250df', '#bf3989', '#6e7781'];

/** Draws the panels as an SVG: for each series a line, over the seconds that were asked for. */
export function drawPanels(panels: readonly Panel[], note: string): string {
	const rows = Array.from({ length: Math.ceil(panels.length / columns) }, (_, row) =>
		panels.slice(row * columns, (row + 1) * columns)
	);
	const width = 2 * margin + columns * panelWidth + (columns - 1) * gap;
	const body: string[] = [];
	let top = margin;
	for (const row of rows) {
		row.forEach((panel, column) => {
			body.push(...drawPanel(panel, margin + column * (panelWidth + gap), top));
		});
		const legend = Math.max(...row.map(({ series }) => series.length)) * labelHeight;
		top += titleHeight + plotHeight + legend + gap + 12;
	}
	const height = top + 16;
	return `${[
		`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(`The dashboard: ${panels.map(({ title }) => title).join(', ')}`)}">`,
		`<style>${style}\n</style>`,
		`<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
		...body,
		text(margin, height - 14, note, 'muted'),
		'</svg>'
	].join('\n')}\n`;
}

function drawPanel({ title, unit, series }: Panel, left: number, top: number): string[] {
	const points = series.flatMap(readPoints);
	const times = points.map(([seconds]) => seconds);
	const [from, to] = [Math.min(...times), Math.max(...times)];
	const highest = Math.max(...points.map(([, value]) => value)) || 1;
	const plotLeft = left + axisWidth;
	const plotTop = top + titleHeight;
	const x = (seconds: number): number =>
		plotLeft + ((seconds - from) / (to - from || 1)) * (panelWidth - axisWidth);
	const y = (value: number): number => plotTop + plotHeight * (1 - value / highest);
	return [
		text(left, top + 12, title, 'title'),
		...[0, highest / 2, highest].flatMap((value) => [
			`<line class="grid" x1="${plotLeft}" x2="${left + panelWidth}" y1="${round(y(value))}" y2="${round(y(value))}"/>`,
			text(plotLeft - 6, round(y(value)) + 4, show(value, unit), 'muted', 'end')
		]),
		...series.flatMap((each, index) => {
			const colour = colours[index % colours.length]!;
			const line = readPoints(each)
				.map(([seconds, value]) => `${round(x(seconds))},${round(y(value))}`)
				.join(' ');
			const at = plotTop + plotHeight + 18 + index * labelHeight;
			return [
				`<polyline stroke="${colour}" points="${line}"/>`,
				`<rect x="${plotLeft}" y="${at - 8}" width="8" height="8" fill="${colour}"/>`,
				text(plotLeft + 14, at, each.label, 'muted')
			];
		})
	];
}

const readPoints = ({ points }: Series): [seconds: number, value: number][] =>
	points.split(' ').map((point) => point.split(',').map(Number) as [number, number]);

/** A value as Grafana would show it in this unit. */
function show(value: number, unit: string): string {
	if (unit === 's')
		return value < 1 ? `${Number((value * 1000).toPrecision(3))} ms` : `${Number(value.toPrecision(3))} s`;
	if (unit === 'bytes') return `${(value / 1024 / 1024).toFixed(1)} MiB`;
	if (unit === 'percentunit') return `${(value * 100).toFixed(0)} %`;
	return `${Number(value.toPrecision(2))}${unit === 'reqps' ? ' /s' : ''}`;
}

const text = (x: number, y: number, content: string, name: string, anchor = 'start'): string =>
	`<text class="${name}" x="${x}" y="${y}" text-anchor="${anchor}">${escape(content)}</text>`;

const round = (value: number): number => Math.round(value * 10) / 10;

const escape = (content: string): string =>
	content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
