import type { RecordedSpan, RecordedTrace } from './recorded-trace.ts';

const width = 880;
const margin = 20;
const rowHeight = 22;
const indent = 14;
/** Where the bars begin: names stand before. */
const barsAt = 424;
/** What is left free behind the bars for the duration of the longest. */
const labelWidth = 64;
const top = 72;

/** A solid background, so that it is readable on any page; the colours follow the reader's scheme. */
const style = `
	.ground { fill: #ffffff; stroke: #d0d7de }
	.grid { stroke: #eaeef2 }
	text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328 }
	.title { font-weight: 600; font-size: 13px }
	.muted { fill: #59636e; font-size: 11px }
	.SERVER { fill: #0969da }
	.CLIENT { fill: #bc4c00 }
	.INTERNAL { fill: #57a6a1 }
	@media (prefers-color-scheme: dark) {
		.ground { fill: #0d1117; stroke: #3d444d }
		.grid { stroke: #21262d }
		text { fill: #f0f6fc }
		.muted { fill: #9198a1 }
		.SERVER { fill: #4493f8 }
		.CLIENT { fill: #f0883e }
		.INTERNAL { fill: #3f8f8a }
	}`;

/** Draws a trace as an SVG: one row for each span, its bar on the time axis of the whole. */
export function drawWaterfall({ title, attributes, spans }: RecordedTrace): string {
	const total = Math.max(...spans.map(({ startUs, durationUs }) => startUs + durationUs));
	const scale = (width - margin - labelWidth - barsAt) / total;
	const bottom = top + spans.length * rowHeight;
	const notes = wrap(Object.entries(attributes).map(([key, value]) => `${key}=${value}`));
	const height = bottom + 28 + notes.length * 16 + margin - 8;

	const lines = [
		`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escape(`A trace: ${title}, ${spans.length} spans`)}">`,
		`<style>${style}\n</style>`,
		`<rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
		text(margin, 28, title, 'title'),
		...axis(total, scale, bottom),
		...spans.flatMap((span, row) => drawRow(span, row, scale)),
		...notes.map((note, index) => text(margin, bottom + 28 + index * 16, note, 'muted')),
		'</svg>'
	];
	return `${lines.join('\n')}\n`;
}

function axis(total: number, scale: number, bottom: number): string[] {
	const step =
		[500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000].find((each) => total / each <= 6) ?? total;
	const ticks = Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => index * step);
	return ticks.flatMap((tick) => {
		const x = round(barsAt + tick * scale);
		return [
			`<line class="grid" x1="${x}" y1="${top - 12}" x2="${x}" y2="${bottom}"/>`,
			text(x, top - 18, tick === 0 ? '0' : `${tick / 1000} ms`, 'muted', 'middle')
		];
	});
}

function drawRow(
	{ name, kind, depth, startUs, durationUs }: RecordedSpan,
	row: number,
	scale: number
): string[] {
	const y = top + row * rowHeight;
	const x = round(barsAt + startUs * scale);
	const length = Math.max(round(durationUs * scale), 2);
	const label = kind === 'INTERNAL' ? name : `${kind} ${name}`;
	return [
		text(margin + depth * indent, y + 15, label, kind === 'INTERNAL' ? '' : 'title'),
		`<rect class="${kind}" x="${x}" y="${y + 5}" width="${length}" height="12" rx="2"/>`,
		text(
			round(x + length + 6),
			y + 15,
			`${(durationUs / 1000).toFixed(durationUs < 10_000 ? 2 : 1)} ms`,
			'muted'
		)
	];
}

/** Breaks the notes into lines of limited length. */
function wrap(notes: string[]): string[] {
	const lines: string[] = [];
	for (const note of notes) {
		const last = lines.at(-1);
		if (last !== undefined && last.length + note.length < 120) lines[lines.length - 1] = `${last}   ${note}`;
		else lines.push(note);
	}
	return lines;
}

function text(x: number, y: number, content: string, className = '', anchor?: string): string {
	const attributes = [
		...(className ? [`class="${className}"`] : []),
		`x="${x}" y="${y}"`,
		...(anchor ? [`text-anchor="${anchor}"`] : []),
		'xml:space="preserve"'
	];
	return `<text ${attributes.join(' ')}>${escape(content)}</text>`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

const escape = (content: string): string =>
	content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
