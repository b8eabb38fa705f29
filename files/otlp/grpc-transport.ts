import * as http2 from 'node:http2';
import type { Socket } from 'node:net';
import type { OtlpSettings } from '../config/otlp.ts';
import { type Attempt, ResponseBody, compress, limitTime, ShutdownError, timeoutError } from './attempt.ts';
import { type GrpcAnswer, judgeGrpc } from './grpc-status.ts';
import type { ProxyEnv } from './proxy.ts';
import type { Transport } from './transport.ts';

/** The export method of each signal (https://opentelemetry.io/docs/specs/otlp/#otlpgrpc). */
const METHODS = {
	traces: '/opentelemetry.proto.collector.trace.v1.TraceService/Export',
	metrics: '/opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
	logs: '/opentelemetry.proto.collector.logs.v1.LogsService/Export'
};

/** The prefix of each message: the compression flag and the length. */
const PREFIX_BYTES = 5;

/**
 * Sends over gRPC: one unary call per attempt, all over one HTTP/2 connection
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). The SDK's exporter is not used for three
 * reasons: it depends on a full gRPC implementation (437 KB), it loads that with `require` at run time, which
 * does not work in a bundle, and it reads the environment a second time.
 */
export class GrpcTransport implements Transport {
	readonly #settings: OtlpSettings;
	readonly #url: URL;
	readonly #proxyEnv: ProxyEnv | undefined;
	/** Loaded at the start, because later the files may be gone. */
	readonly #tunnel: Promise<typeof import('./tunnel.ts')> | undefined;
	readonly #headers: http2.OutgoingHttpHeaders;
	/** The attempts in progress; the stream is undefined while the body is being compressed. */
	readonly #inProgress = new Map<Uint8Array, http2.ClientHttp2Stream | undefined>();
	readonly #end = new AbortController();
	#session: http2.ClientHttp2Session | undefined;
	/** The connection through a proxy while it is being opened. */
	#opening: Promise<http2.ClientHttp2Session> | undefined;

	/**
	 * @param settings the settings of the OTLP exporter
	 * @param userAgent the `User-Agent` header
	 * @param proxyEnv the variables of the proxy, if one is used
	 */
	constructor(settings: OtlpSettings, userAgent: string, proxyEnv?: ProxyEnv) {
		this.#settings = settings;
		this.#url = new URL(settings.url);
		this.#proxyEnv = proxyEnv;
		this.#tunnel = proxyEnv && import('./tunnel.ts');
		// the first export says so
		this.#tunnel?.catch(() => {});
		this.#headers = {
			'user-agent': userAgent,
			// HTTP/2 header names must be in lower case
			...Object.fromEntries(Object.entries(settings.headers).map(([k, v]) => [k.toLowerCase(), v])),
			':method': 'POST',
			':path': METHODS[settings.signal],
			'content-type': 'application/grpc',
			te: 'trailers',
			...(settings.compression === 'gzip' && { 'grpc-encoding': 'gzip' })
		};
	}

	async send(body: Uint8Array, timeoutMs: number): Promise<Attempt> {
		this.#inProgress.set(body, undefined);
		try {
			const message = await this.#frame(body);
			this.#end.signal.throwIfAborted();
			const connected = this.#connected();
			if (connected) return await this.#call(connected, body, message, timeoutMs);

			const since = performance.now();
			const session = await this.#connectThroughProxy(this.#proxyEnv!, timeoutMs);
			if (session instanceof Error) return { outcome: 'retryable', error: session };
			return await this.#call(session, body, message, Math.max(timeoutMs - (performance.now() - since), 1));
		} catch (error) {
			return { outcome: 'failure', error: error as Error };
		} finally {
			this.#inProgress.delete(body);
		}
	}

	isSent(body: Uint8Array): boolean {
		const stream = this.#inProgress.get(body);
		return Boolean(stream?.writableFinished && !stream.session?.state.outboundQueueSize);
	}

	destroy(): void {
		const error = new ShutdownError();
		this.#end.abort(error);
		for (const stream of this.#inProgress.values()) stream?.destroy(error);
		this.#session?.destroy();
	}

	/** The connection, a new one if needed; undefined if it must first be opened through a proxy. */
	#connected(): http2.ClientHttp2Session | undefined {
		// Node closes the session when the collector sends GOAWAY; calls in progress can still complete
		if (this.#session && !this.#session.closed && !this.#session.destroyed) return this.#session;
		return this.#proxyEnv ? undefined : this.#start();
	}

	async #connectThroughProxy(
		proxyEnv: ProxyEnv,
		timeoutMs: number
	): Promise<http2.ClientHttp2Session | Error> {
		const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(Math.ceil(timeoutMs))]);
		this.#opening ??= this.#openThroughProxy(proxyEnv, signal).finally(() => (this.#opening = undefined));
		try {
			return await this.#opening;
		} catch (error) {
			if (this.#end.signal.aborted) return new ShutdownError();
			return signal.aborted ? timeoutError(timeoutMs) : (error as Error);
		}
	}

	async #openThroughProxy(proxyEnv: ProxyEnv, signal: AbortSignal): Promise<http2.ClientHttp2Session> {
		const { openTunnel, proxyFor } = await this.#tunnel!;
		const proxy = proxyFor(this.#url, proxyEnv);
		return this.#start(proxy && (await openTunnel(proxy, this.#url, this.#settings.tls, signal)));
	}

	/** Starts HTTP/2, over a connection through a proxy if there is one. */
	#start(socket?: Socket): http2.ClientHttp2Session {
		const session = http2.connect(this.#url.origin, {
			...this.#settings.tls,
			...(socket && { createConnection: () => socket })
		});
		// a running app keeps the process alive itself; at its end `shutdown()` does, up to its timeout
		session.unref();
		// each call gets the error itself
		session.on('error', () => {});
		return (this.#session = session);
	}

	/** Makes no more calls over this connection. */
	#leave(session: http2.ClientHttp2Session): void {
		if (this.#session === session) this.#session = undefined;
		session.close();
	}

	async #frame(body: Uint8Array): Promise<Buffer> {
		const { compression } = this.#settings;
		const message = await compress(body, compression);
		const prefix = Buffer.alloc(PREFIX_BYTES);
		prefix.writeUInt8(compression === 'gzip' ? 1 : 0, 0);
		prefix.writeUInt32BE(message.length, 1);
		return Buffer.concat([prefix, message]);
	}

	#call(
		session: http2.ClientHttp2Session,
		body: Uint8Array,
		message: Buffer,
		timeoutMs: number
	): Promise<Attempt> {
		return new Promise((resolve) => {
			const stream = session.request({ ...this.#headers, 'grpc-timeout': grpcTimeout(timeoutMs) });
			this.#inProgress.set(body, stream);
			const answer: GrpcAnswer = { headers: {}, trailers: {} };
			const content = new ResponseBody(stream, (error) => stream.destroy(error));

			const settle = (attempt: Attempt): void => {
				cancelLimit();
				resolve(attempt);
			};
			const fail = (error: Error): void => settle({ outcome: 'retryable', error });

			const cancelLimit = limitTime(timeoutMs, () => {
				fail(timeoutError(timeoutMs));
				stream.close(http2.constants.NGHTTP2_CANCEL);
				// after a timeout the connection may be dead although it was not closed
				this.#leave(session);
			});

			stream.on('response', (headers) => (answer.headers = headers));
			stream.on('trailers', (trailers) => (answer.trailers = trailers));
			// for a failed connection, the reason is in the cause
			stream.on('error', (error) => fail(error.cause instanceof Error ? error.cause : error));
			stream.on('end', () => settle(judgeGrpc(answer, unframe(content.read()))));
			stream.on('close', () => fail(new Error('it closed the call without an answer')));
			stream.end(message);
		});
	}
}

/** Formats a timeout: at most eight digits and a unit (`m` is milliseconds). */
function grpcTimeout(ms: number): string {
	return ms < 1e8 ? `${Math.ceil(ms)}m` : `${Math.ceil(ms / 1000)}S`;
}

/** The first message of a response; empty if it is incomplete, or compressed, which was not requested. */
function unframe(data: Buffer): Buffer {
	if (data.length < PREFIX_BYTES || data.readUInt8(0) !== 0) return Buffer.alloc(0);
	return data.subarray(PREFIX_BYTES, PREFIX_BYTES + data.readUInt32BE(1));
}
