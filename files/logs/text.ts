/** A text within a limit of characters; a cut one says so. */
export const cut = (text: string, limit: number): string =>
	text.length > limit ? `${text.slice(0, limit)}… (${text.length - limit} more characters)` : text;
