import widthOf from 'fast-string-width';

/** What would move the cursor, change colours, or turn the direction of writing. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu;

const characters = new Intl.Segmenter();

/** How many columns a text takes. */
export { widthOf };

/** A text on one line, harmless in a terminal: names of spans are the app's. */
export const plain = (text: string): string => text.replace(CONTROLS, ' ');

/** A text in exactly so many columns: what is longer is cut, and ends with `…`. */
export function fit(text: string, columns: number): string {
	const shown = cut(text, columns);
	return shown + ' '.repeat(Math.max(0, columns - widthOf(shown)));
}

/** A text in so many columns at most. */
export function cut(text: string, columns: number): string {
	if (widthOf(text) <= columns) return text;
	if (columns < 1) return '';
	let shown = '';
	let room = columns - 1;
	for (const { segment } of characters.segment(text)) {
		room -= widthOf(segment);
		if (room < 0) break;
		shown += segment;
	}
	return `${shown}…`;
}
