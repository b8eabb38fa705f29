import { styleText } from 'node:util';

/** The line with the URL of the page, formatted like Vite's own lines. */
export const startLine = (url: string): string =>
	`  ${styleText('green', '➜')}  ${styleText('bold', 'Traces')}:  ${styleText('cyan', url)}`;
