import widthOf from 'fast-string-width';

/** Characters that move the cursor, or change colours or the text direction. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu;

const characters = new Intl.Segmenter();

/** The width of a text, in columns. */
export { widthOf };

/** A text in one line, without control characters: the names of spans come from the app. */
export const plain = (text: string): string => text.replace(CONTROLS, ' ');

/** A text with exactly this width; a longer one is truncated and ends with `…`. */
export function fit(text: string, columns: number): string {
	const shown = cut(text, columns);
	return shown + ' '.repeat(Math.max(0, columns - widthOf(shown)));
}

/** A text with at most this width. */
export function cut(text: string, columns: number): string {
	if (widthOf(text) <= columns) return text;
	if (columns < 1) return '';
	let shown = '';
	let left = columns - 1;
	for (const { segment } of characters.segment(text)) {
		left -= widthOf(segment);
		if (left < 0) break;
		shown += segment;
	}
	return `${shown}…`;
}
