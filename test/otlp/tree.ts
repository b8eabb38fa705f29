import { compareText } from './order.ts';
import { printTree } from './print.ts';
import { hasRemoteParent } from './span.ts';
import type { ReceivedSpan } from './span.ts';
import type { TreeNode } from './tree-node.ts';

export type { TreeNode } from './tree-node.ts';

/** Builds the trees of all spans, ordered as their children are. Roots are the spans whose parent was not received. */
export function toTrees(spans: readonly ReceivedSpan[]): TreeNode[] {
	const nodes = new Map<string, TreeNode>();
	for (const span of spans) nodes.set(key(span.traceId, span.spanId), { span, children: [] });

	const roots: TreeNode[] = [];
	for (const node of nodes.values()) {
		const { traceId, parentSpanId } = node.span;
		const parent = parentSpanId === undefined ? undefined : nodes.get(key(traceId, parentSpanId));
		if (parent) {
			parent.children.push(node);
			continue;
		}
		if (parentSpanId !== undefined) node.missingParentId = parentSpanId;
		roots.push(node);
	}

	for (const node of nodes.values()) node.children.sort(byStart);
	return roots.sort(byStart);
}

/** The one tree of a trace; throws, with what there is, unless it is exactly one. */
export function treeOf(spans: readonly ReceivedSpan[], traceId: string): TreeNode {
	const [tree, ...others] = toTrees(spans.filter((span) => span.traceId === traceId));
	if (tree && others.length === 0) return tree;

	const found = [tree, ...others].filter((root) => root !== undefined);
	throw new Error(
		`Trace ${traceId} has ${found.length} roots, not one\n${found.map((root) => printTree(root)).join('\n')}`
	);
}

/**
 * Whether every span of the trace has found its parent. What is left without one must be a root by
 * right: no parent at all, a parent that the sender calls remote, or a kind that is called from outside.
 */
export function isComplete(spans: readonly ReceivedSpan[], traceId: string): boolean {
	const roots = toTrees(spans.filter((span) => span.traceId === traceId));
	return roots.length > 0 && roots.every(({ span }) => isEntry(span));
}

function isEntry(span: ReceivedSpan): boolean {
	const isCalledFromOutside = span.kind === 'SERVER' || span.kind === 'CONSUMER';
	return span.parentSpanId === undefined || (hasRemoteParent(span) ?? isCalledFromOutside);
}

/** Every span of a tree, parents before their children. */
export function spansOf(tree: TreeNode): ReceivedSpan[] {
	return nodesOf(tree).map(({ span }) => span);
}

/** The first span of a tree that fits, parents before their children; throws, with the tree, if none does. */
export function findSpan(tree: TreeNode, match: string | ((span: ReceivedSpan) => boolean)): ReceivedSpan {
	return findNode(tree, match).span;
}

/** The same, with what is below it. */
export function findNode(tree: TreeNode, match: string | ((span: ReceivedSpan) => boolean)): TreeNode {
	const isMatch = typeof match === 'string' ? (span: ReceivedSpan): boolean => span.name === match : match;
	const found = nodesOf(tree).find(({ span }) => isMatch(span));
	if (found) return found;
	throw new Error(`No span ${typeof match === 'string' ? `"${match}"` : 'that fits'} in\n${printTree(tree)}`);
}

function nodesOf(tree: TreeNode): TreeNode[] {
	return [tree, ...tree.children.flatMap(nodesOf)];
}

function key(traceId: string, spanId: string): string {
	return `${traceId}/${spanId}`;
}

function byStart(a: TreeNode, b: TreeNode): number {
	const difference = a.span.startTimeUnixNano - b.span.startTimeUnixNano;
	if (difference !== 0n) return difference < 0n ? -1 : 1;
	return compareText(a.span.name, b.span.name);
}
