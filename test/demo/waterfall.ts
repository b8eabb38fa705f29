import { drawTrace } from '../../files/console/draw.ts';
import { type TreeNode, spansOf } from '../otlp/tree.ts';

const milliseconds = (nanoseconds: bigint): number => Number(nanoseconds) / 1e6;

/** A trace that was received, as `OTEL_TRACES_EXPORTER=console` draws it in this terminal. */
export function printWaterfall(tree: TreeNode, title: string): string {
	const begin = tree.span.startTimeUnixNano;
	const spans = spansOf(tree).map((span) => ({
		id: span.spanId,
		parentId: span.parentSpanId,
		name: span.name,
		kind: span.kind,
		startMs: milliseconds(span.startTimeUnixNano - begin),
		durationMs: milliseconds(span.endTimeUnixNano - span.startTimeUnixNano),
		error: span.status.code === 'ERROR' ? errorOf(span) : undefined
	}));
	const { stdout } = process;
	return drawTrace(
		{ title, note: `trace ${tree.span.traceId}`, rootId: tree.span.spanId, spans, missing: 0 },
		{ columns: stdout.columns || 100, hasColors: stdout.isTTY && stdout.hasColors() }
	);
}

function errorOf({ events, status }: TreeNode['span']): string {
	const { attributes } = events.find(({ name }) => name === 'exception') ?? {};
	return attributes
		? `${String(attributes['exception.type'])}: ${String(attributes['exception.message'])}`
		: (status.message ?? '');
}
