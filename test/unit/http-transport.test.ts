import * as http from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { createTransport } from '../../files/otlp/transport.ts';
import { proxyFor } from '../../files/otlp/tunnel.ts';
import { startProxy } from '../support/proxy.ts';
import { startUpstream } from '../support/upstream.ts';

// what `NODE_USE_ENV_PROXY=1` and `--use-env-proxy` set, where Node has them
const { options } = http.globalAgent as http.Agent & { options: http.AgentOptions };

test.runIf('proxyEnv' in options)('exports through the proxy that Node itself goes through', async () => {
	await using upstream = await startUpstream();
	await using proxy = await startProxy(() => upstream.port);
	const before = options.proxyEnv;
	options.proxyEnv = { HTTP_PROXY: proxy.url };
	const transport = await createTransport(
		{ url: 'http://collector.invalid:4318/v1/traces', protocol: 'http/protobuf', headers: {} } as never,
		'test'
	);
	onTestFinished(() => {
		options.proxyEnv = before;
		transport.destroy();
	});

	expect(await transport.send(new Uint8Array([1]), 5000)).toMatchObject({ outcome: 'success' });
	expect(proxy.asked).toEqual(['POST http://collector.invalid:4318/v1/traces']);
});

test.each([
	['http://c.example:4317', { HTTP_PROXY: 'http://p:1' }, 'http://p:1/'],
	['http://c.example:4317', { http_proxy: 'http://a:1', HTTP_PROXY: 'http://b:1' }, 'http://a:1/'],
	['https://c.example:4317', { HTTP_PROXY: 'http://p:1' }, undefined],
	['https://c.example:4317', { HTTPS_PROXY: 'https://p' }, 'https://p/'],
	['http://c.example:4317', { HTTP_PROXY: 'socks5://p:1' }, undefined],
	...(
		[
			['*', undefined],
			['c.example', undefined],
			['x, C.Example:4317', undefined],
			['c.example:4318', 'http://p:1/'],
			['.example', undefined],
			['*.example', undefined],
			['example', 'http://p:1/'],
			['', 'http://p:1/']
		] as const
	).map(
		([NO_PROXY, proxy]) => ['http://c.example:4317', { HTTP_PROXY: 'http://p:1', NO_PROXY }, proxy] as const
	),
	['http://10.0.0.7:4317', { HTTP_PROXY: 'http://p:1', NO_PROXY: '10.0.0.1-10.0.0.9' }, undefined],
	['http://10.0.0.77:4317', { HTTP_PROXY: 'http://p:1', no_proxy: '10.0.0.1-10.0.0.9' }, 'http://p:1/']
] as const)('the proxy for %s with %j is %s', (url, env, proxy) => {
	expect(proxyFor(new URL(url), env)?.href).toBe(proxy);
});
