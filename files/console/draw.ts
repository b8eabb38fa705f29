import { styleText } from 'node:util';
import type { DrawnSpan } from './drawn-span.ts';
import { cut, fit, plain, widthOf } from './fit.ts';
import { type Row, toRows } from './rows.ts';

type Format = Parameters<typeof styleText>[0];

/** What is drawn into. */
export interface Surface {
	columns: number;
	hasColors: boolean;
}

/** A trace, or a part of one. */
export interface DrawnTrace {
	title: string;
	/** Behind the title, where there is room. */
	note: string;
	/** The span that all others are below, if it is among them. */
	rootId?: string;
	spans: readonly DrawnSpan[];
	/** Spans that are in the trace and not here. */
	missing: number;
}

const MAX_ROWS = 100;
const MIN_BAR = 10;
const MAX_BAR = 60;
/** Columns of names, below which bars are left out. */
const MIN_LABEL = 16;
const GAP = 2;

const COLOURS: Record<string, Format> = { SERVER: 'blue', CLIENT: 'yellow', INTERNAL: 'cyan' };

/**
 * Draws a trace for a terminal: a line for each span, its bar on one time axis, how long it took, and below
 * it what went wrong. No line is longer than the terminal is wide.
 */
export function drawTrace({ title, note, rootId, spans, missing }: DrawnTrace, surface: Surface): string {
	const paint = painter(surface);
	// a line that fills the last column wraps in some terminals
	const columns = Math.max(1, surface.columns - 1);
	const rows = toRows(spans, rootId);
	const shown = rows.slice(0, MAX_ROWS);
	const hidden = rows.slice(MAX_ROWS).reduce((sum, { count }) => sum + count, missing);

	const begin = Math.min(...spans.map(({ startMs }) => startMs));
	const total = Math.max(...spans.map(({ startMs, durationMs }) => startMs + durationMs)) - begin;
	const indents = shown.map(({ depth }) => Math.min(depth * 2, Math.floor(columns / 4)));
	const labels = shown.map((row, index) => ' '.repeat(indents[index]!) + labelOf(row));
	const durations = shown.map(({ span }) => `${span.durationMs.toFixed(2)} ms`);
	const { label, bar, duration } = layOut(columns, labels, durations);

	const lines = shown.flatMap(({ span }, index) => {
		const format = span.error === undefined ? (COLOURS[span.kind] ?? 'cyan') : 'red';
		const parts = [
			...(label > 0 ? [paint(span.error === undefined ? [] : 'red', fit(labels[index]!, label))] : []),
			...(bar > 0 ? [paint(format, drawBar(span, begin, total, bar))] : []),
			cut(durations[index]!.padStart(duration), duration)
		];
		const row = parts.join(' '.repeat(GAP));
		if (!span.error) return row;
		return [row, paint('red', cut(`${' '.repeat(indents[index]! + 2)}${plain(span.error)}`, columns))];
	});
	return [
		drawTitle(plain(title), note, columns, paint),
		...lines,
		...(hidden > 0 ? [paint('dim', cut(`… ${hidden} more spans`, columns))] : [])
	].join('\n');
}

/** One line about a span that ended when its trace was drawn already. */
export function drawLate(of: string, span: DrawnSpan, surface: Surface): string {
	const error = span.error ? `: ${span.error}` : '';
	const text = plain(
		`later, below ${of}: ${labelOf({ span, depth: 0, count: 1 })} ${span.durationMs.toFixed(2)} ms${error}`
	);
	const format = span.error === undefined ? 'dim' : 'red';
	return painter(surface)(format, cut(text, Math.max(1, surface.columns - 1)));
}

/** How the columns are shared: names first, then bars, which a narrow terminal has no room for. */
function layOut(
	columns: number,
	labels: readonly string[],
	durations: readonly string[]
): { label: number; bar: number; duration: number } {
	const longest = Math.max(...labels.map((each) => widthOf(each)));
	const duration = Math.min(columns, Math.max(...durations.map(({ length }) => length)));
	const room = columns - duration - 2 * GAP;
	if (room - MIN_BAR < Math.min(longest, MIN_LABEL)) {
		return { label: Math.max(0, Math.min(longest, columns - duration - GAP)), bar: 0, duration };
	}
	const label = Math.min(longest, room - MIN_BAR);
	return { label, bar: Math.min(MAX_BAR, room - label), duration };
}

function labelOf({ span: { name, kind, error }, count }: Row): string {
	return [
		...(error === undefined ? [] : ['✗']),
		...(kind === 'INTERNAL' ? [] : [kind]),
		plain(name),
		...(count > 1 ? [`×${count}`] : [])
	].join(' ');
}

function drawBar({ startMs, durationMs }: DrawnSpan, begin: number, total: number, columns: number): string {
	const at = (ms: number): number => (total > 0 ? Math.round((ms / total) * columns) : 0);
	const start = Math.min(at(startMs - begin), columns - 1);
	// what is over in no time is there all the same
	const length = Math.min(columns - start, Math.max(1, at(startMs - begin + durationMs) - start));
	return `${' '.repeat(start)}${'█'.repeat(length)}`.padEnd(columns);
}

function drawTitle(title: string, note: string, columns: number, paint: Paint): string {
	const shown = cut(title, columns);
	const hasRoom = note !== '' && widthOf(shown) + GAP + widthOf(note) <= columns;
	return paint('bold', shown) + (hasRoom ? ' '.repeat(GAP) + paint('dim', note) : '');
}

type Paint = (format: Format, text: string) => string;

const painter =
	({ hasColors }: Surface): Paint =>
	(format, text) =>
		hasColors && format.length > 0 ? styleText(format, text, { validateStream: false }) : text;
