import { describe, expect, test } from 'vitest';
import { stringify } from '../../files/otlp/stringify.ts';

/** A request with one attribute, as upstream makes it. */
const request = (value: object): object => ({ resourceSpans: [{ attributes: [{ key: 'a', value }] }] });

const written = (value: object): unknown => {
	const { resourceSpans } = JSON.parse(stringify(request(value))) as {
		resourceSpans: { attributes: { value: unknown }[] }[];
	};
	return resourceSpans[0]!.attributes[0]!.value;
};

describe('OTLP as JSON', () => {
	test.each<[string, object, object]>([
		['NaN', { doubleValue: NaN }, { doubleValue: 'NaN' }],
		['infinity', { doubleValue: -Infinity }, { doubleValue: '-Infinity' }],
		['what no int64 holds', { intValue: 1e300 }, { doubleValue: 1e300 }],
		['the first such', { intValue: 2 ** 63 }, { doubleValue: 2 ** 63 }],
		['the last that it holds', { intValue: -(2 ** 63) }, { intValue: -(2 ** 63) }],
		['half a character', { stringValue: 'a\ud800b' }, { stringValue: 'a\ufffdb' }],
		['a whole one', { stringValue: 'a😀b' }, { stringValue: 'a😀b' }],
		[
			'any of it in a list',
			{ arrayValue: { values: [{ doubleValue: NaN }, { intValue: 1e21 }, { stringValue: '\udc00' }] } },
			{ arrayValue: { values: [{ doubleValue: 'NaN' }, { doubleValue: 1e21 }, { stringValue: '\ufffd' }] } }
		],
		[
			'points of a metric',
			{ asDouble: NaN, bounds: [1, Infinity] },
			{ asDouble: 'NaN', bounds: [1, 'Infinity'] }
		],
		['a text that looks like it', { stringValue: ':null' }, { stringValue: ':null' }]
	])('has a form for %s', (_, value, expected) => {
		expect(written(value)).toEqual(expected);
	});

	test('is the output of JSON.stringify if that is valid', () => {
		const plain = request({
			kvlistValue: { values: [{ key: 'a', value: { intValue: 2 ** 53 } }, { key: 'b' }] }
		});
		expect(stringify(plain)).toBe(JSON.stringify(plain));
	});
});
