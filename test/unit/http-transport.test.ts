import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { HttpTransport } from '../../files/otlp/http-transport.ts';

// what `NODE_USE_ENV_PROXY=1` and `--use-env-proxy` set, where Node has them
const { options } = http.globalAgent as http.Agent & { options: http.AgentOptions };

test.runIf('proxyEnv' in options)('exports through the proxy that Node itself goes through', async () => {
	const asked: unknown[] = [];
	const proxy = http.createServer(({ method, url }, response) => {
		asked.push(`${method} ${url}`);
		response.end();
	});
	proxy.listen(0, '127.0.0.1');
	await once(proxy, 'listening');
	const before = options.proxyEnv;
	options.proxyEnv = { HTTP_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
	const transport = new HttpTransport(
		{ url: 'http://collector.invalid:4318/v1/traces', protocol: 'http/protobuf', headers: {} } as never,
		'test'
	);
	onTestFinished(() => {
		options.proxyEnv = before;
		transport.destroy();
		proxy.close();
	});

	await transport.send(new Uint8Array([1]), 5000);
	expect(asked).toEqual(['POST http://collector.invalid:4318/v1/traces']);
});
