import {
	type BaggageEntry,
	ROOT_CONTEXT,
	baggageEntryMetadataFromString,
	propagation
} from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { boundBaggage } from '../../files/http/bound-baggage.ts';

const contextWith = (entries: Record<string, BaggageEntry>) =>
	propagation.setBaggage(ROOT_CONTEXT, propagation.createBaggage(entries));

const members = (count: number, value = 'v'): Record<string, BaggageEntry> =>
	Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, { value }]));

const kept = (entries: Record<string, BaggageEntry>): string[] =>
	propagation
		.getBaggage(boundBaggage(contextWith(entries)))!
		.getAllEntries()
		.map(([key]) => key);

describe('baggage of a caller', () => {
	test('is empty if there is none', () => {
		expect(boundBaggage(ROOT_CONTEXT)).toBe(ROOT_CONTEXT);
	});

	test('of 64 members does not change', () => {
		const context = contextWith(members(64));
		expect(boundBaggage(context)).toBe(context);
	});

	test.each<[string, Record<string, BaggageEntry>, number]>([
		['members', members(65), 64],
		['bytes', members(10, 'v'.repeat(1000)), 8],
		['bytes once they are encoded', members(10, 'ü'.repeat(200)), 6],
		[
			'bytes of metadata',
			Object.fromEntries(
				Object.entries(members(10)).map(([key, entry]) => [
					key,
					{ ...entry, metadata: baggageEntryMetadataFromString('m'.repeat(1000)) }
				])
			),
			8
		]
	])('is cut where it has too many %s', (_, entries, count) => {
		expect(kept(entries)).toEqual(Object.keys(entries).slice(0, count));
	});
});
