import type { ReceivedSpan, SpanKind } from '../otlp/span.ts';
import type { TreeNode } from '../otlp/tree.ts';

/** A span as the picture shows it: parents stand before their children. */
export interface RecordedSpan {
	name: string;
	kind: SpanKind;
	/** How many spans it is below. */
	depth: number;
	/** From the start of the trace. */
	startUs: number;
	durationUs: number;
}

/** What is kept of a trace that was received. */
export interface RecordedTrace {
	/** What was asked for, and answered. */
	title: string;
	/** Of the SERVER span: what reads the same whenever it is recorded. */
	attributes: Record<string, string | number>;
	spans: RecordedSpan[];
}

const shown = [
	'http.request.method',
	'http.route',
	'http.response.status_code',
	'url.path',
	'url.query',
	'network.protocol.version'
];

/** Keeps what the picture shows of a trace. */
export function recordTrace(tree: TreeNode, title: string): RecordedTrace {
	const origin = tree.span.startTimeUnixNano;
	const microseconds = (nanoseconds: bigint): number => Number(nanoseconds / 1000n);
	const record = (span: ReceivedSpan, depth: number): RecordedSpan => ({
		name: span.name,
		kind: span.kind,
		depth,
		startUs: microseconds(span.startTimeUnixNano - origin),
		durationUs: microseconds(span.endTimeUnixNano - span.startTimeUnixNano)
	});
	const walk = (node: TreeNode, depth: number): RecordedSpan[] => [
		record(node.span, depth),
		...node.children.flatMap((child) => walk(child, depth + 1))
	];
	const attributes = Object.fromEntries(
		shown.flatMap((key) => {
			const value = tree.span.attributes[key];
			return typeof value === 'string' || typeof value === 'number' ? [[key, value]] : [];
		})
	);
	return { title, attributes, spans: walk(tree, 0) };
}
