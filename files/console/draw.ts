import { styleText } from 'node:util';
import type { DrawnSpan } from './drawn-span.ts';
import { cut, fit, plain, widthOf } from './fit.ts';
import { type Row, toRows } from './rows.ts';

type Format = Parameters<typeof styleText>[0];

/** The terminal. */
export interface Surface {
	columns: number;
	hasColors: boolean;
}

/** A trace, or a part of one. */
export interface DrawnTrace {
	title: string;
	/** Shown after the title if it fits. */
	note: string;
	/** The root span, if it is one of the spans. */
	rootId?: string;
	spans: readonly DrawnSpan[];
	/** The number of omitted spans. */
	missing: number;
}

const MAX_ROWS = 100;
const MIN_BAR = 10;
const MAX_BAR = 60;
/** The minimum width of names; if there is less, no bars are drawn. */
const MIN_LABEL = 16;
const GAP = 2;

const COLOURS: Record<string, Format> = { SERVER: 'blue', CLIENT: 'yellow', INTERNAL: 'cyan' };

/**
 * Draws a trace for a terminal: a line for each span, with a bar on a common time axis and the duration, and the
 * error below it. No line is wider than the terminal.
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

/** One line for a span that ends after its trace was drawn. */
export function drawLate(of: string, span: DrawnSpan, surface: Surface): string {
	const error = span.error ? `: ${span.error}` : '';
	const text = plain(
		`later, below ${of}: ${labelOf({ span, depth: 0, count: 1 })} ${span.durationMs.toFixed(2)} ms${error}`
	);
	const format = span.error === undefined ? 'dim' : 'red';
	return painter(surface)(format, cut(text, Math.max(1, surface.columns - 1)));
}

/** The widths of the parts. A narrow terminal has no bars. */
function layOut(
	columns: number,
	labels: readonly string[],
	durations: readonly string[]
): { label: number; bar: number; duration: number } {
	const longest = Math.max(...labels.map((each) => widthOf(each)));
	const duration = Math.min(columns, Math.max(...durations.map(({ length }) => length)));
	const available = columns - duration - 2 * GAP;
	if (available - MIN_BAR < Math.min(longest, MIN_LABEL)) {
		return { label: Math.max(0, Math.min(longest, columns - duration - GAP)), bar: 0, duration };
	}
	const label = Math.min(longest, available - MIN_BAR);
	return { label, bar: Math.min(MAX_BAR, available - label), duration };
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
	// a very short span has a bar, too
	const length = Math.min(columns - start, Math.max(1, at(startMs - begin + durationMs) - start));
	return `${' '.repeat(start)}${'█'.repeat(length)}`.padEnd(columns);
}

function drawTitle(title: string, note: string, columns: number, paint: Paint): string {
	const shown = cut(title, columns);
	const fits = note !== '' && widthOf(shown) + GAP + widthOf(note) <= columns;
	return paint('bold', shown) + (fits ? ' '.repeat(GAP) + paint('dim', note) : '');
}

type Paint = (format: Format, text: string) => string;

const painter =
	({ hasColors }: Surface): Paint =>
	(format, text) =>
		hasColors && format.length > 0 ? styleText(format, text, { validateStream: false }) : text;
