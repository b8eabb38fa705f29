import type { LogRecord } from '@opentelemetry/api';
import { cut } from './text.ts';

type Body = LogRecord['body'];

/** The maximum depth of a body. Structures that contain themselves end here too. */
const MAX_DEPTH = 16;

/** The size that an entry counts in addition to its texts. */
const ENTRY_CHARACTERS = 8;

/**
 * Limits a body to a number of characters. A text is cut; in a structure the last entries are left out. A
 * value within the limit that is not a structure is returned unchanged.
 *
 * @param body any value, whatever its type says
 * @param limit the maximum number of characters
 */
export function boundBody(body: Body, limit: number): Body {
	if (typeof body === 'string') return cut(body, limit);
	if (typeof body !== 'object' || body === null) return body;
	return copy(body, { left: limit }, 0);
}

function copy(value: Body, budget: { left: number }, depth: number): Body {
	budget.left -= ENTRY_CHARACTERS;
	if (typeof value === 'string') {
		const text = cut(value, Math.max(budget.left, 0));
		budget.left -= value.length;
		return text;
	}
	if (typeof value !== 'object' || value === null) return value;
	if (depth >= MAX_DEPTH) return '…';
	if (value instanceof Uint8Array) {
		const bytes = value.subarray(0, Math.max(budget.left, 0));
		budget.left -= value.byteLength;
		return bytes;
	}
	if (Array.isArray(value)) {
		const items: Body[] = [];
		for (const item of value) {
			if (budget.left <= 0) break;
			items.push(copy(item, budget, depth + 1));
		}
		return items;
	}
	const entries: Record<string, Body> = {};
	for (const key in value) {
		if (budget.left <= 0) break;
		if (!Object.hasOwn(value, key)) continue;
		budget.left -= key.length;
		entries[key] = copy((value as typeof entries)[key], budget, depth + 1);
	}
	return entries;
}
