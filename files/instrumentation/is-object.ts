/** Whether a value is an object or a function, and so has properties that can be patched. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
	(typeof value === 'object' && value !== null) || typeof value === 'function';
