/** A span, as far as it is drawn. */
export interface DrawnSpan {
	id: string;
	parentId: string | undefined;
	name: string;
	/** `SERVER`, `CLIENT`, …; `INTERNAL` is not shown. */
	kind: string;
	startMs: number;
	durationMs: number;
	/** The error message, if the span failed; may be empty. */
	error: string | undefined;
}
