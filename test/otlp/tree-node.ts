import type { ReceivedSpan } from './span.ts';

/** A span with the spans below it. */
export interface TreeNode {
	span: ReceivedSpan;
	/** The id of the parent, if the parent was not received: it is remote, or still missing. */
	missingParentId?: string;
	/** Ordered by start time, then by name. */
	children: TreeNode[];
}
