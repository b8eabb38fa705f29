import type { DrawnSpan } from './drawn-span.ts';

/** One line of a waterfall. */
export interface Row {
	span: DrawnSpan;
	/** The number of its ancestors. */
	depth: number;
	/** The number of spans in this line. */
	count: number;
}

/** The maximum number of leaf spans with the same name and parent that have separate lines. */
const MAX_EQUAL = 4;

/**
 * The lines of a trace: parents before their children, sorted by start time.
 *
 * @param spans in any order; spans whose parent is missing are below the root
 * @param rootId the root span, if it is one of the spans
 */
export function toRows(spans: readonly DrawnSpan[], rootId?: string): Row[] {
	const known = new Set(spans.map(({ id }) => id));
	const parentOf = ({ id, parentId }: DrawnSpan): string | undefined => {
		if (id === rootId) return undefined;
		return parentId !== undefined && known.has(parentId) ? parentId : rootId;
	};
	const children = Map.groupBy(
		spans.toSorted((a, b) => a.startMs - b.startMs),
		parentOf
	);
	const walk = (parent: string | undefined, depth: number): Row[] =>
		combineEqual(children.get(parent) ?? [], ({ id }) => !children.has(id)).flatMap(({ span, count }) => [
			{ span, depth, count },
			...walk(span.id, depth + 1)
		]);
	return walk(undefined, 0);
}

/** Combines many leaf spans with one name, such as the modules of the first page in dev, into one with their total duration. */
function combineEqual(
	siblings: readonly DrawnSpan[],
	isLeaf: (span: DrawnSpan) => boolean
): { span: DrawnSpan; count: number }[] {
	const groups = Map.groupBy(siblings, (span) =>
		span.error === undefined && isLeaf(span) ? `${span.kind} ${span.name}` : span.id
	);
	return [...groups.values()]
		.flatMap((group) => {
			if (group.length <= MAX_EQUAL) return group.map((span) => ({ span, count: 1 }));
			const first = group[0]!;
			const endMs = Math.max(...group.map(({ startMs, durationMs }) => startMs + durationMs));
			return { span: { ...first, durationMs: endMs - first.startMs }, count: group.length };
		})
		.toSorted((a, b) => a.span.startMs - b.span.startMs);
}
