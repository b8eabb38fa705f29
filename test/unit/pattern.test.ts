import { describe, expect, test } from 'vitest';
import { matcher, parsePatterns } from '../../files/config/pattern.ts';
import type { Pattern } from '../../files/types/build-manifest.d.ts';

describe('patterns of a variable', () => {
	test.each<[string, Pattern]>([
		['/healthz', '/healthz'],
		['/api/health', '/api/health'],
		['/app/ui', '/app/ui'],
		['/api/i', '/api/i'],
		['/api/', '/api/'],
		['/internal/**', '/internal/**'],
		['/**/live', '/**/live'],
		['/blog/[slug]', '/blog/[slug]'],
		['/[lang]/about', '/[lang]/about'],
		['/(app)/dashboard', '/(app)/dashboard'],
		['/^.health/', { source: '^.health', flags: '' }],
		['/\\.(png|jpg)$/i', { source: '\\.(png|jpg)$', flags: 'i' }]
	])('%s is %j', (text, pattern) => {
		expect(parsePatterns(text)).toEqual([pattern]);
	});
});

describe('a matcher', () => {
	test.each<[Pattern, string, boolean]>([
		['/healthz', '/healthz', true],
		['/healthz', '/healthz/', false],
		['/internal/*', '/internal/live', true],
		['/internal/*', '/internal/live/now', false],
		['/internal/**', '/internal/live/now', true],
		['/blog/[slug]', '/blog/[slug]', true],
		['/blog/[slug]', '/blog/s', false],
		['*.example.com', 'api.example.com', true],
		['*.example.com', 'example.com', false],
		['*.example.com', 'api-example.com', false],
		[{ source: '^/a', flags: 'g' }, '/ab', true],
		[{ source: '^/a', flags: 'i' }, '/AB', true]
	])('of %j says of %s: %s', (pattern, text, expected) => {
		const matches = matcher([pattern]);
		expect(matches(text)).toBe(expected);
		// a global expression remembers where it stopped
		expect(matches(text)).toBe(expected);
	});

	test('of no pattern matches nothing', () => {
		expect(matcher([])('/')).toBe(false);
	});
});
