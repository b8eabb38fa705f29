/**
 * Cuts a text to a maximum number of characters. A cut text ends with a note, if the limit leaves room for
 * it.
 */
export function cut(text: string, limit: number): string {
	if (text.length <= limit) return text;
	const note = `… (cut, of ${text.length} characters)`;
	return note.length < limit ? text.slice(0, limit - note.length) + note : text.slice(0, limit);
}
