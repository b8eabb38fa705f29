import { once } from 'node:events';
import { connect } from 'node:net';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { expect, test } from 'vitest';
import { createPrometheusReader } from '../../files/metrics/prometheus.ts';

const openSockets = (): number =>
	process.getActiveResourcesInfo().filter((each) => each === 'TCPSocketWrap').length;

test('a connection that a Prometheus keeps open does not keep the process alive', async () => {
	const { reader, signal } = await createPrometheusReader('127.0.0.1', 0);
	void new MeterProvider({ readers: [reader] });
	const [, port] = /:(\d+)\/metrics$/.exec(signal.exporters[0]!)!;
	const before = openSockets();
	const client = connect(Number(port), '127.0.0.1');
	try {
		client.write('GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n');
		const [answer] = (await once(client, 'data')) as [Buffer];
		expect(answer.toString()).toMatch(/^HTTP\/1.1 200 OK\r\n/);
		client.unref();
		expect(openSockets()).toBe(before);
	} finally {
		client.destroy();
		await signal.close();
	}
});
