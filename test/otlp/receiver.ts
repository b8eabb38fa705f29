import { createCertificates } from './certificates.ts';
import type { Certificates } from './certificates.ts';
import { startHttp } from './http-transport.ts';
import { printTrees } from './print.ts';
import type { Reply } from './reply.ts';
import type { ReceivedRequest, Recorder } from './request.ts';
import type { ReceivedSpan } from './span.ts';
import { isComplete, toTrees, treeOf } from './tree.ts';
import type { TreeNode } from './tree.ts';
import { Waiter } from './waiter.ts';
import type { WaitOptions } from './waiter.ts';

export type { Reply } from './reply.ts';
export type { ReceivedRequest } from './request.ts';
export type { Attributes, ReceivedSpan } from './span.ts';

/** How one request is to be answered; nothing stands for what a good receiver would do. */
export type Respond = (
	request: ReceivedRequest,
	/** Counts the requests since the start or the last reset, from 0. */
	index: number
) => Reply | undefined | void | Promise<Reply | undefined | void>;

/** How {@link startReceiver} listens. */
export interface ReceiverOptions {
	/**
	 * The HTTP port: for a receiver that comes back where an earlier one was.
	 *
	 * @default 0, any free one
	 */
	port?: number;
	/** The gRPC port, likewise. */
	grpcPort?: number;
	/**
	 * Listens for gRPC as well.
	 *
	 * @default false
	 */
	grpc?: boolean;
	/**
	 * TLS with a fresh certificate, and `mutual` to ask the clients for theirs. Certificates of an
	 * earlier receiver can be passed on.
	 *
	 * @default false
	 */
	tls?: boolean | 'mutual';
	certificates?: Certificates;
	/** @default '/v1/traces' */
	tracesPath?: string;
	respond?: Respond;
}

/** A listening OTLP receiver with what it has received. */
export interface Receiver {
	/** The base URL for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
	readonly url: string;
	readonly port: number;
	/** The same for `OTEL_EXPORTER_OTLP_PROTOCOL=grpc`; empty unless asked for. */
	readonly grpcUrl: string;
	readonly grpcPort: number;
	/** Present with TLS. */
	readonly certificates: Certificates | undefined;
	/** Every request, accepted or not, and whatever its path. */
	readonly requests: readonly ReceivedRequest[];
	/** The spans of the accepted requests, in the order of arrival. */
	readonly spans: readonly ReceivedSpan[];
	/** Can be set at any time. */
	respond: Respond | undefined;
	/** The trees of all spans. */
	trees(): TreeNode[];
	/** Resolves with all spans once there are so many, or once they fit. */
	waitForSpans(
		wanted: number | ((spans: readonly ReceivedSpan[]) => boolean),
		options?: WaitOptions
	): Promise<readonly ReceivedSpan[]>;
	/**
	 * Resolves with the tree of a trace once it is complete: no span of it misses its parent. The
	 * trace is given by its id or by what holds for one of its spans. Rejects when the trace turns out
	 * to have several roots.
	 */
	waitForTrace(wanted: string | ((span: ReceivedSpan) => boolean), options?: WaitOptions): Promise<TreeNode>;
	/** Resolves with the first request that fits, accepted or not. */
	waitForRequest(
		wanted: (request: ReceivedRequest) => boolean,
		options?: WaitOptions
	): Promise<ReceivedRequest>;
	/** Forgets everything received, and `respond`. */
	reset(): void;
	/** Closes all connections. What was received stays readable. */
	stop(): Promise<void>;
	[Symbol.asyncDispose](): Promise<void>;
}

/** Starts an OTLP receiver in this process, on 127.0.0.1. */
export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
	const { port = 0, grpcPort = 0, grpc = false, tls = false, tracesPath = '/v1/traces' } = options;
	const certificates = tls ? (options.certificates ?? createCertificates()) : undefined;
	const shared = { certificates, requireClientCertificate: tls === 'mutual' };

	const waiter = new Waiter();
	const requests: ReceivedRequest[] = [];
	const spans: ReceivedSpan[] = [];
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
		waitForRequest: (wanted, waitOptions) =>
			waiter.until(
				() => requests.find(wanted),
				() => describe('Waited for a request that fits'),
				waitOptions
			),
		reset: () => {
			requests.length = 0;
			spans.length = 0;
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
