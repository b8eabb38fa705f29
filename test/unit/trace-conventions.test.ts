import { globSync, readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { requestAttributes } from '../../files/http/http-attributes.ts';
import { createProxy } from '../../files/http/proxy.ts';
import { stabilizeAttributes, stableAttributes } from '../../files/kit/kit-attributes.ts';
import { faultsOf, readPublished, types } from '../otlp/conventions.ts';

const published = readPublished();

/** Names of before, under which instrumentations note what we redact: read, and never set. */
const READ = ['http.url', 'http.target'];

test.each(Object.keys(types))('%s is a current attribute of the conventions', (name) => {
	expect(published.get(name)?.isDeprecated).toBe(false);
});

test('the run-time code has no other attributes', () => {
	const root = fileURLToPath(new URL('../../files/', import.meta.url));
	const named = globSync('**/*.ts', { cwd: root }).flatMap((file) => {
		const code = readFileSync(root + file, 'utf8');
		const imports = code.matchAll(/import \{([^}]*)\} from '@opentelemetry\/semantic-conventions[^']*'/g);
		return [...imports].flatMap(([, names]) => names!.match(/\bATTR_\w+/g) ?? []);
	});
	expect(named.length).toBeGreaterThan(20);
	const nameOf = new Map([...published].map(([name, { constant }]) => [constant, name]));
	const names = named.map((constant) => nameOf.get(constant));
	const known = new Set([...Object.keys(types), ...READ]);
	expect(names.filter((name) => !known.has(name ?? ''))).toEqual([]);
});

describe('each value is of the type that the conventions have', () => {
	test.each<Record<string, unknown>>([
		{},
		{ method: 'PROPFIND', url: '/a?b=1', httpVersion: '2.0' },
		{ headers: { host: 'shop.example:8443', 'user-agent': 'test/1' } },
		{ headers: {}, socket: {} }
	])('of a request: %j', (fields) => {
		const req = {
			method: 'GET',
			url: '/',
			httpVersion: '1.1',
			headers: { host: '[::1]:3000' },
			socket: { remoteAddress: '192.0.2.1', remotePort: 4711 },
			...fields
		} as unknown as IncomingMessage;
		expect(faultsOf(requestAttributes(req, createProxy({}, ''), (query) => query))).toEqual([]);
	});

	test.each(['unknown', '3495', 3495])('of what SvelteKit says, with a size of %j', (size) => {
		const attributes = stableAttributes({
			'http.method': 'PROPFIND',
			'http.url': 'https://shop.example/a?b=1',
			'http.route': 'unknown',
			'sveltekit.is_data_request': false
		});
		attributes['http.response.body.size'] = size;
		stabilizeAttributes(attributes);
		expect(faultsOf(attributes)).toEqual([]);
	});

	test.each<[Record<string, unknown>, string]>([
		[{ 'http.method': 'GET' }, 'http.method is unknown'],
		[{ 'http.response.body.size': 'unknown' }, 'http.response.body.size is "unknown", not of type int'],
		[{ 'error.type': 23 }, 'error.type is 23, not of type string'],
		[{ 'sveltekit.load.result.status': '404' }, 'sveltekit.load.result.status is "404", not of type int']
	])('and %j would be seen', (attributes, fault) => {
		expect(faultsOf(attributes)).toEqual([fault]);
	});
});
