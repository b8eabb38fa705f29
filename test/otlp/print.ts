import type { Attributes, ReceivedSpan } from './span.ts';
import type { TreeNode } from './tree-node.ts';

// Shown after the root, if present: the attributes that distinguish requests.
const rootAttributes = [
	'http.request.method',
	'url.path',
	'http.route',
	'http.response.status_code',
	'error.type'
];

const sparedLines = 200;

/** Draws a tree for people: one line for each span with its kind, duration and, at the root, key attributes. */
export function printTree(tree: TreeNode): string {
	const { span, missingParentId } = tree;
	const notes = [
		`trace ${span.traceId}`,
		...(missingParentId ? [`parent ${missingParentId} not received`] : []),
		...pick(span.attributes)
	];
	return [`${describe(span)}  (${notes.join(', ')})`, ...branches(tree.children, '')].join('\n');
}

/** Draws many trees, cut to a length that a failure message can carry. */
export function printTrees(trees: readonly TreeNode[]): string {
	if (trees.length === 0) return '(no spans)';
	const lines = trees.map(printTree).join('\n\n').split('\n');
	if (lines.length <= sparedLines) return lines.join('\n');
	return [...lines.slice(0, sparedLines), `… ${lines.length - sparedLines} more lines`].join('\n');
}

function branches(children: readonly TreeNode[], indent: string): string[] {
	return children.flatMap((child, index) => {
		const isLast = index === children.length - 1;
		return [
			`${indent}${isLast ? '└─' : '├─'} ${describe(child.span)}`,
			...branches(child.children, `${indent}${isLast ? '   ' : '│  '}`)
		];
	});
}

function describe(span: ReceivedSpan): string {
	const parts = [span.name, span.kind, formatDuration(span)];
	if (span.status.code !== 'UNSET') {
		parts.push(span.status.message ? `${span.status.code}: ${span.status.message}` : span.status.code);
	}
	for (const event of span.events) parts.push(`!${event.name}`);
	return parts.join('  ');
}

function formatDuration(span: ReceivedSpan): string {
	const milliseconds = Number(span.endTimeUnixNano - span.startTimeUnixNano) / 1e6;
	return `${milliseconds.toFixed(milliseconds < 100 ? 2 : 0)} ms`;
}

function pick(attributes: Attributes): string[] {
	return rootAttributes.flatMap((name) =>
		attributes[name] === undefined ? [] : [`${name}=${String(attributes[name])}`]
	);
}
