import type { LogRecord } from '@opentelemetry/api';
import { types } from 'node:util';
import { cut } from './text.ts';

type Body = LogRecord['body'];

/** The maximum depth of a body. Structures that contain themselves end here too. */
const MAX_DEPTH = 16;

/** The size that an entry counts in addition to its texts. */
const ENTRY_CHARACTERS = 8;

/**
 * Limits a body to a number of characters. A text is cut; in a structure the last entries are left out.
 *
 * @param body any value, also of an invalid type
 * @param limit the maximum number of characters
 */
export function boundBody(body: Body, limit: number): Body {
	const value = toValue(body);
	if (typeof value === 'string') return cut(value, limit);
	if (typeof value !== 'object' || value === null) return value;
	return copy(value, { left: limit }, 0);
}

/** OTLP has no type for some values, which would arrive empty: they become texts. */
function toValue(value: Body): Body {
	const hasType = ['string', 'number', 'boolean', 'object', 'undefined'].includes(typeof value);
	if (hasType && !types.isNativeError(value) && !types.isDate(value)) return value;
	return types.isDate(value) ? value.toJSON() : String(value);
}

function copy(given: Body, budget: { left: number }, depth: number): Body {
	const value = toValue(given);
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
