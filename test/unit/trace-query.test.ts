import { describe, expect, test } from 'vitest';
import { createQueryRedactor, redactUrl } from '../../files/http/query.ts';

describe('a query', () => {
	test.each<[string, string[] | true, string]>([
		['token=secret', [], 'token=REDACTED'],
		['a=1&b=2', ['b'], 'a=REDACTED&b=2'],
		['a=1&a=2', ['a'], 'a=1&a=2'],
		['a=1', true, 'a=1'],
		['/login', [], '/login'],
		['a=', [], 'a=REDACTED'],
		['=secret', [], '=REDACTED'],
		['a=b=c', [], 'a=REDACTED'],
		['%61=1', ['a'], '%61=1'],
		['my+name=1', ['my name'], 'my+name=1'],
		['%zz=1', ['a'], '%zz=REDACTED'],
		['a=1&&b', [], 'a=REDACTED&&b']
	])('%s with %j kept is %s', (query, kept, expected) => {
		expect(createQueryRedactor(kept)(query)).toBe(expected);
	});
});

describe('a URL', () => {
	test.each([
		['/a', '/a'],
		['/a?b=secret', '/a?b=REDACTED'],
		['/a?b=secret#c=secret', '/a?b=REDACTED#c=REDACTED'],
		['#section', '#section'],
		['https://user:secret@host/a?b=secret', 'https://host/a?b=REDACTED'],
		['//user:secret@host/a', '//host/a'],
		['https://host/@a', 'https://host/@a'],
		['/a?b=secret?c=secret', '/a?b=REDACTED']
	])('%s is %s', (url, expected) => {
		expect(redactUrl(url, createQueryRedactor([]))).toBe(expected);
	});
});
