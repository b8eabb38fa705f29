import type { RecordedSpan, RecordedTrace } from '../picture/recorded-trace.ts';

/** Columns of the bars. */
const COLUMNS = 40;

/** Draws a trace for a terminal as the README's picture has it: a line for each span, its bar on one time axis. */
export function printWaterfall({ title, spans }: RecordedTrace): string {
	const total = Math.max(...spans.map(({ startUs, durationUs }) => startUs + durationUs));
	const names = spans.map(({ name, depth }) => `${'  '.repeat(depth)}${name}`);
	const width = Math.max(...names.map(({ length }) => length));
	const rows = spans.map(
		(span, index) => `${names[index]!.padEnd(width)}  ${drawBar(span, total)}  ${milliseconds(span)}`
	);
	return [title, ...rows].join('\n');
}

function drawBar({ startUs, durationUs }: RecordedSpan, total: number): string {
	const at = (us: number): number => Math.round((us / total) * COLUMNS);
	const start = Math.min(at(startUs), COLUMNS - 1);
	// what is over in no time is there all the same
	const length = Math.max(1, at(startUs + durationUs) - start);
	return `${' '.repeat(start)}${'█'.repeat(length)}`.padEnd(COLUMNS);
}

const milliseconds = ({ durationUs }: RecordedSpan): string =>
	`${(durationUs / 1000).toFixed(2)} ms`.padStart(9);
