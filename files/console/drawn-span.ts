/** What is drawn of a span. */
export interface DrawnSpan {
	id: string;
	parentId: string | undefined;
	name: string;
	/** `SERVER`, `CLIENT`, …; `INTERNAL` is not shown. */
	kind: string;
	startMs: number;
	durationMs: number;
	/** What went wrong, if it did; an empty text where nobody said what. */
	error: string | undefined;
}
