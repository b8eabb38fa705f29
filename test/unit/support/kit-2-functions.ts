import chunks from './kit-2-chunks.json' with { type: 'json' };

/** The places of one build of SvelteKit 2 that are rewritten, cut out of real output. */
export interface Kit2Places {
	tracer: string;
	propagateContext: string;
	recordSpan: string;
	flag: string;
}

/** Places of SvelteKit 2 by its version, as they are and minified. */
export const kit2Places: [title: string, places: Kit2Places][] = Object.entries(chunks).map(
	([title, [tracer, propagateContext, recordSpan, flag]]) => [
		title,
		{ tracer: tracer!, propagateContext: propagateContext!, recordSpan: recordSpan!, flag: flag! }
	]
);

const CLOSING: Record<string, string> = { '(': ')', '{': '}', '[': ']' };

/**
 * Cuts a function out of a place. The end of a place may be missing: then the brackets that are open are closed.
 *
 * @param place the code around the function
 * @param start matches the start of the function
 */
export function cutFunction(place: string, start: RegExp): string {
	const code = place.slice(place.search(start));
	const open: string[] = [];
	for (const [at, char] of [...code].entries()) {
		if (char in CLOSING) open.push(CLOSING[char]!);
		else if (char === open.at(-1)) {
			open.pop();
			if (char === '}' && open.length === 0) return code.slice(0, at + 1);
		}
	}
	return code + open.toReversed().join('');
}
