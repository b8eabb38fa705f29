import type { DrawnSpan } from './drawn-span.ts';

/** One line of a waterfall. */
export interface Row {
	span: DrawnSpan;
	/** How many spans it is below. */
	depth: number;
	/** Spans that it stands for. */
	count: number;
}

/** Leaves of one name below one parent that have a line each; more share one. */
const MAX_ALIKE = 4;

/**
 * The lines of a trace, parents before their children, in the order of time.
 *
 * @param spans in any order; the children of one that is missing come below the root
 * @param rootId the span that all others are below, if it is among them
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
		foldAlike(children.get(parent) ?? [], ({ id }) => !children.has(id)).flatMap(({ span, count }) => [
			{ span, depth, count },
			...walk(span.id, depth + 1)
		]);
	return walk(undefined, 0);
}

/** Many leaves of one name, such as the modules of a first page in dev, as one that lasts as long as they do. */
function foldAlike(
	siblings: readonly DrawnSpan[],
	isLeaf: (span: DrawnSpan) => boolean
): { span: DrawnSpan; count: number }[] {
	const alike = Map.groupBy(siblings, (span) =>
		span.error === undefined && isLeaf(span) ? `${span.kind} ${span.name}` : span.id
	);
	return [...alike.values()]
		.flatMap((group) => {
			if (group.length <= MAX_ALIKE) return group.map((span) => ({ span, count: 1 }));
			const first = group[0]!;
			const endMs = Math.max(...group.map(({ startMs, durationMs }) => startMs + durationMs));
			return { span: { ...first, durationMs: endMs - first.startMs }, count: group.length };
		})
		.toSorted((a, b) => a.span.startMs - b.span.startMs);
}
