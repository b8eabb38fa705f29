import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { pathOf, requestAttributes } from '../../files/http/http-attributes.ts';
import { DEFAULT_METHODS, methodInName, setKnownMethods } from '../../files/http/methods.ts';
import { createProxy } from '../../files/http/proxy.ts';

const requestOf = (fields: Record<string, unknown> = {}): IncomingMessage =>
	({
		method: 'GET',
		url: '/',
		httpVersion: '1.1',
		headers: { host: 'shop.example' },
		socket: { remoteAddress: '192.0.2.1', remotePort: 4711 },
		...fields
	}) as unknown as IncomingMessage;

const attributesOf = (fields: Record<string, unknown>, env: NodeJS.ProcessEnv = {}) =>
	requestAttributes(requestOf(fields), createProxy(env, ''), (query) => query);

describe('the attributes of a request', () => {
	test.each<[Record<string, unknown>, Record<string, unknown>]>([
		[{ url: '/a?b=1' }, { 'url.path': '/a', 'url.query': 'b=1' }],
		[{ url: '/a?' }, { 'url.path': '/a', 'url.query': undefined }],
		[{ url: '/b', originalUrl: '/a/b' }, { 'url.path': '/a/b' }],
		[{ url: 'http://user:secret@host:80/a?b=1' }, { 'url.path': '/a', 'url.query': 'b=1' }],
		[{ url: 'http://host' }, { 'url.path': '/' }],
		[{ method: 'OPTIONS', url: '*' }, { 'url.path': '*' }],
		[{ httpVersion: '2.0' }, { 'network.protocol.version': '2' }],
		[
			{ headers: { host: '[::1]:3000' } },
			{ 'server.address': '[::1]', 'server.port': 3000, 'url.scheme': 'https' }
		],
		[
			{ headers: { host: 'user:secret@shop.example' } },
			{ 'server.address': 'shop.example', 'server.port': 443 }
		],
		[
			{ headers: { ':authority': 'shop.example:8443' } },
			{ 'server.address': 'shop.example', 'server.port': 8443 }
		],
		[{ headers: {} }, { 'server.address': undefined, 'url.scheme': undefined }],
		// of a connection that is gone
		[{ socket: undefined }, { 'client.address': undefined, 'network.peer.address': undefined }],
		[{ method: 'get' }, { 'http.request.method': '_OTHER', 'http.request.method_original': 'get' }]
	])('of %j are %j', (fields, expected) => {
		const attributes = attributesOf(fields);
		for (const [name, value] of Object.entries(expected)) expect(attributes[name], name).toBe(value);
	});

	test.each<[NodeJS.ProcessEnv, Record<string, string>, Record<string, unknown>]>([
		[
			{ ORIGIN: 'http://its.own:8080' },
			{},
			{ 'url.scheme': 'http', 'server.address': 'its.own', 'server.port': 8080 }
		],
		[
			{ PROTOCOL_HEADER: 'X-Forwarded-Proto' },
			{ 'x-forwarded-proto': 'http' },
			{ 'url.scheme': 'http', 'server.port': 80 }
		],
		[{ PORT_HEADER: 'x-port' }, { 'x-port': '8443' }, { 'server.port': 8443 }],
		[
			{ ADDRESS_HEADER: 'True-Client-IP' },
			{ 'true-client-ip': '192.0.2.9' },
			{ 'client.address': '192.0.2.9' }
		],
		[{ ADDRESS_HEADER: 'True-Client-IP' }, {}, { 'client.address': undefined }],
		[
			{ ADDRESS_HEADER: 'X-Forwarded-For' },
			{ 'x-forwarded-for': '192.0.2.8, 192.0.2.9' },
			{ 'client.address': '192.0.2.9' }
		],
		[
			{ ADDRESS_HEADER: 'X-Forwarded-For', XFF_DEPTH: '3' },
			{ 'x-forwarded-for': '192.0.2.9' },
			{ 'client.address': undefined }
		],
		[
			{ ADDRESS_HEADER: 'X-Forwarded-For', XFF_DEPTH: 'many' },
			{ 'x-forwarded-for': '192.0.2.9' },
			{ 'client.address': undefined }
		]
	])('with %j of the headers %j are %j', (env, headers, expected) => {
		const attributes = attributesOf({ headers: { host: 'shop.example', ...headers } }, env);
		for (const [name, value] of Object.entries(expected)) expect(attributes[name], name).toBe(value);
	});
});

test('the path of a request is without its query', () => {
	expect(pathOf(requestOf({ url: '/a/b?c=1' }))).toBe('/a/b');
});

test.each([
	['GET', 'GET'],
	['QUERY', 'QUERY'],
	['PROPFIND', 'HTTP'],
	['get', 'HTTP'],
	[undefined, 'HTTP']
])('the name of a span has for the method %s: %s', (method, name) => {
	expect(methodInName(method)).toBe(name);
});

test('the known methods can be replaced', () => {
	try {
		setKnownMethods(['GET', 'PROPFIND']);
		expect(methodInName('PROPFIND')).toBe('PROPFIND');
		expect(methodInName('POST')).toBe('HTTP');
	} finally {
		setKnownMethods(DEFAULT_METHODS);
	}
});
