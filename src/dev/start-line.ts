import { styleText } from 'node:util';

/** The line that names the page, in the form of Vite's own. */
export const startLine = (url: string): string =>
	`  ${styleText('green', '➜')}  ${styleText('bold', 'Traces')}:  ${styleText('cyan', url)}`;
