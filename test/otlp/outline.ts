import { labelOf } from './span.ts';
import type { ReceivedSpan } from './span.ts';
import { compareText } from './order.ts';
import type { TreeNode } from './tree.ts';

/** A tree as nested plain values: a leaf is its label, an inner node its label and its children. */
export type Outline = string | [label: string, children: Outline[]];

/** How {@link outline} writes a tree. */
export interface OutlineOptions {
	/**
	 * `time` keeps the order in which the children started, `name` sorts them by label, for siblings
	 * that run at the same time.
	 *
	 * @default 'time'
	 */
	sort?: 'time' | 'name';
	/**
	 * The text of one span.
	 *
	 * @default the name, after the kind unless that is INTERNAL
	 */
	label?: (span: ReceivedSpan) => string;
}

/** Reduces a tree to what a test compares with `toEqual`. */
export function outline(tree: TreeNode, options: OutlineOptions = {}): Outline {
	const { sort = 'time', label = labelOf } = options;
	const children = tree.children.map((child) => outline(child, options));
	if (sort === 'name') children.sort(byText);
	return children.length === 0 ? label(tree.span) : [label(tree.span), children];
}

function byText(a: Outline, b: Outline): number {
	return compareText(JSON.stringify(a), JSON.stringify(b));
}
