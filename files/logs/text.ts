/** A text within a limit of characters; a cut one says so, where the limit leaves room for it. */
export function cut(text: string, limit: number): string {
	if (text.length <= limit) return text;
	const note = `… (cut, of ${text.length} characters)`;
	return note.length < limit ? text.slice(0, limit - note.length) + note : text.slice(0, limit);
}
