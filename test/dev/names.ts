import { type Outline, outline } from '../otlp/outline.ts';
import { type ReceivedSpan, labelOf } from '../otlp/span.ts';
import type { TreeNode } from '../otlp/tree.ts';

/** What Vite does for a first request is in no trace of a build. */
export const isOfVite = ({ name }: ReceivedSpan): boolean => name === 'vite.transform';

/** Spans that not every dev or preview server has, see docs/dev.md. */
const OF_BUILD = new Set(['sveltekit.render', 'sveltekit.handle_error']);
const isOfBuild = ({ name }: ReceivedSpan): boolean => OF_BUILD.has(name);

/** The spans of a node without what is Vite's or the build's alone: the children of such a span take its place. */
const childrenOf = ({ children }: TreeNode): TreeNode[] =>
	children.flatMap((child) => {
		if (isOfVite(child.span)) return [];
		return isOfBuild(child.span) ? childrenOf(child) : [{ ...child, children: childrenOf(child) }];
	});

/** The names of a trace in their tree. */
export const namesOf = (tree: TreeNode): Outline =>
	outline({ ...tree, children: childrenOf(tree) }, { sort: 'name', label: labelOf });
