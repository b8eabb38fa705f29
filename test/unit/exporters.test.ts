import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { expect, test, vi } from 'vitest';
import type { Protocol } from '../../files/config/variables-otlp.ts';
import { type Exports, createExports } from '../../files/traces/exports.ts';
import { captureStderr } from './support/stderr.ts';

const written = captureStderr();

/** Ends one span, which is exported at once. */
async function exportOne(
	port: number,
	timeoutMs: number,
	exportTimeoutMs: number,
	protocol: Protocol = 'http/protobuf'
): Promise<Exports> {
	const url = `http://127.0.0.1:${port}`;
	const exports = await createExports(
		[
			{
				exporter: { signal: 'traces', protocol, url, headers: {}, timeoutMs, compression: 'none', tls: {} },
				batch: { maxQueueSize: 1, maxExportBatchSize: 1, scheduleDelayMs: 0, exportTimeoutMs }
			}
		],
		'unit/1'
	);
	new TracerProvider({ spanProcessors: exports.processors }).getTracer('t').startSpan('span').end();
	return exports;
}

test.each([
	['OTEL_EXPORTER_OTLP_TIMEOUT', 200, 60_000, 'http/protobuf'],
	['OTEL_BSP_EXPORT_TIMEOUT', 60_000, 200, 'http/protobuf'],
	['OTEL_BSP_EXPORT_TIMEOUT', 60_000, 200, 'grpc']
] as const)(
	'an export is over with its attempt when %s is',
	async (_, timeoutMs, exportTimeoutMs, protocol) => {
		// takes everything, answers nothing
		const connections: Socket[] = [];
		const collector = createServer((socket) => connections.push(socket.resume().on('error', () => {})));
		collector.listen(0, '127.0.0.1');
		await once(collector, 'listening');
		const { port } = collector.address() as AddressInfo;

		const { processors, close } = await exportOne(port, timeoutMs, exportTimeoutMs, protocol);
		await Promise.all(processors.map((processor) => processor.forceFlush()));
		await vi.waitFor(() => expect(connections.map(({ destroyed }) => destroyed)).toEqual([true]));

		expect(written).toEqual([
			expect.stringMatching(/does not accept spans: no answer within \d+ ms. 1 span lost/)
		]);
		await close();
		expect(written).toHaveLength(1);
		collector.close();
	}
);

test('an export without a timeout in the configuration file has none', async () => {
	// for a timer that is too long, and fires at once
	const warned = vi.spyOn(process, 'emitWarning').mockReturnValue();
	const noLimitMs = 2 ** 31 - 1;
	const { close } = await exportOne(9, noLimitMs, noLimitMs);
	await close();
	expect(warned).not.toHaveBeenCalled();
});
