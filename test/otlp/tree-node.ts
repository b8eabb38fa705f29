import type { ReceivedSpan } from './span.ts';

/** A span with the spans below it. */
export interface TreeNode {
	span: ReceivedSpan;
	/** The id of the parent, for a root whose parent was not received: a remote one, or one still missing. */
	missingParentId?: string;
	/** Ordered by start time, then by name. */
	children: TreeNode[];
}
