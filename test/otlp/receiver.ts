import { createCertificates } from './certificates.ts';
import { startHttp } from './http-transport.ts';
import type { ReceivedLog } from './logs.ts';
import type { ReceivedPoint } from './metrics.ts';
import { printTrees } from './print.ts';
import type { Receiver, ReceiverOptions } from './receiver-types.ts';
import type { ReceivedRequest, Recorder } from './request.ts';
import type { ReceivedSpan } from './span.ts';
import { isComplete, toTrees, treeOf } from './tree.ts';
import { Waiter } from './waiter.ts';

export type { Reply } from './reply.ts';
export type { ReceivedLog } from './logs.ts';
export type { ReceivedPoint } from './metrics.ts';
export type { ReceivedRequest } from './request.ts';
export type { Receiver, ReceiverOptions, Respond } from './receiver-types.ts';
export type { Attributes, ReceivedSpan } from './span.ts';

/** Starts an OTLP receiver in this process, on 127.0.0.1. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
	const { port = 0, grpcPort = 0, grpc = false, tls = false, tracesPath = '/v1/traces' } = options;
	const certificates = tls ? (options.certificates ?? createCertificates()) : undefined;
	const shared = { certificates, requireClientCertificate: tls === 'mutual' };

	const waiter = new Waiter();
	const requests: ReceivedRequest[] = [];
	const spans: ReceivedSpan[] = [];
	const logs: ReceivedLog[] = [];
	const points: ReceivedPoint[] = [];
	const stopped = new AbortController();

	const recorder: Recorder = {
		async receive(request) {
			const index = requests.push(request) - 1;
			waiter.notify();
			const reply = (await receiver.respond?.(request, index)) ?? {};
			if (reply.delayMs) await pause(reply.delayMs, stopped.signal);
			return reply;
		},
		accept(request) {
			request.isAccepted = true;
			spans.push(...request.spans);
			logs.push(...request.logs);
			points.push(...request.points);
			waiter.notify();
		}
	};

	const http = await startHttp({ ...shared, port, tracesPath }, recorder);
	const grpcSide = grpc ? await startGrpcLazily({ ...shared, port: grpcPort }, recorder) : undefined;
	const scheme = tls ? 'https' : 'http';

	const stop = async (): Promise<void> => {
		if (stopped.signal.aborted) return;
		stopped.abort();
		await Promise.all([http.stop(), grpcSide?.stop()]);
	};

	const describe = (wanted: string): string =>
		`${wanted}; received ${spans.length} spans in ${requests.length} requests\n${printTrees(toTrees(spans))}\n`;

	const receiver: Receiver = {
		url: `${scheme}://127.0.0.1:${http.port}`,
		port: http.port,
		grpcUrl: grpcSide ? `${scheme}://127.0.0.1:${grpcSide.port}` : '',
		grpcPort: grpcSide?.port ?? 0,
		certificates,
		requests,
		spans,
		logs,
		points,
		respond: options.respond,
		trees: () => toTrees(spans),
		waitForSpans: (wanted, waitOptions) => {
			const isEnough = typeof wanted === 'number' ? (): boolean => spans.length >= wanted : wanted;
			const aim = typeof wanted === 'number' ? `${wanted} spans` : 'spans that fit';
			return waiter.until(
				() => (isEnough(spans) ? [...spans] : undefined),
				() => describe(`Waited for ${aim}`),
				waitOptions
			);
		},
		waitForTrace: (wanted, waitOptions) => {
			const isWanted =
				typeof wanted === 'string' ? (span: ReceivedSpan): boolean => span.traceId === wanted : wanted;
			return waiter.until(
				() => {
					const traceId = spans.find(isWanted)?.traceId;
					return traceId && isComplete(spans, traceId) ? treeOf(spans, traceId) : undefined;
				},
				() => describe(`Waited for trace ${typeof wanted === 'string' ? wanted : 'that fits'}`),
				waitOptions
			);
		},
		waitForLog: (wanted, waitOptions) =>
			waiter.until(
				() => logs.find(wanted),
				() =>
					`Waited for a log record that fits; received ${logs.map(({ body }) => JSON.stringify(body)).join('\n')}\n`,
				waitOptions
			),
		waitForPoint: (wanted, waitOptions) =>
			waiter.until(
				() => points.findLast(wanted),
				() => `Waited for a data point that fits; received ${points.length}\n`,
				waitOptions
			),
		waitForRequest: (wanted, waitOptions) =>
			waiter.until(
				() => requests.find(wanted),
				() => describe('Waited for a request that fits'),
				waitOptions
			),
		reset: () => {
			requests.length = 0;
			spans.length = 0;
			logs.length = 0;
			points.length = 0;
			receiver.respond = undefined;
		},
		stop,
		[Symbol.asyncDispose]: stop
	};
	return receiver;
}

// grpc-js takes long to load, and few tests need it.
async function startGrpcLazily(
	...args: Parameters<typeof import('./grpc-transport.ts').startGrpc>
): ReturnType<typeof import('./grpc-transport.ts').startGrpc> {
	const { startGrpc } = await import('./grpc-transport.ts');
	return startGrpc(...args);
}

/** Waits, but not beyond the receiver's end. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
	await new Promise<void>((resolve) => {
		const timer = setTimeout(resolve, milliseconds);
		signal.addEventListener(
			'abort',
			() => {
				clearTimeout(timer);
				resolve();
			},
			{ once: true }
		);
	});
}
