/** Orders text by code unit. Not `localeCompare`: the order must be the same on every machine. */
export function compareText(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
