import * as http from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import type { OtlpSettings } from '../config/otlp.ts';
import {
	type Attempt,
	ResponseBody,
	compress,
	isRetryableStatus,
	limitTime,
	ShutdownError,
	timeoutError
} from './attempt.ts';
import type { ProxyEnv } from './proxy.ts';
import type { Transport } from './transport.ts';

/** https://opentelemetry.io/docs/specs/otlp/#otlphttp-request */
const CONTENT_TYPES = { 'http/protobuf': 'application/x-protobuf', 'http/json': 'application/json' };

interface Connector {
	request: typeof http.request;
	options: http.RequestOptions & { agent: http.Agent };
}

/**
 * Sends over HTTP with keep-alive. Unlike the SDK's transport, it limits the time of the whole attempt, including
 * the response body, and does not keep the process alive.
 */
export class HttpTransport implements Transport {
	readonly #settings: OtlpSettings;
	readonly #proxyEnv: ProxyEnv | undefined;
	readonly #headers: Record<string, string>;
	/** The attempts in progress; the request is undefined while the body is being compressed. */
	readonly #inProgress = new Map<Uint8Array, http.ClientRequest | undefined>();
	#connector: Promise<Connector> | undefined;
	#destroyed = false;

	/**
	 * @param settings the settings of the OTLP exporter
	 * @param userAgent the `User-Agent` header
	 * @param proxyEnv the variables of the proxy, if one is used
	 */
	constructor(settings: OtlpSettings, userAgent: string, proxyEnv?: ProxyEnv) {
		this.#settings = settings;
		this.#proxyEnv = proxyEnv;
		this.#headers = {
			'user-agent': userAgent,
			...settings.headers,
			'content-type': CONTENT_TYPES[settings.protocol as keyof typeof CONTENT_TYPES],
			...(settings.compression === 'gzip' && { 'content-encoding': 'gzip' })
		};
	}

	async send(body: Uint8Array, timeoutMs: number): Promise<Attempt> {
		this.#inProgress.set(body, undefined);
		try {
			const connector = await (this.#connector ??= this.#connect());
			const payload = await compress(body, this.#settings.compression);
			return await this.#attempt(connector, body, payload, timeoutMs);
		} catch (error) {
			return { outcome: 'failure', error: error as Error };
		} finally {
			this.#inProgress.delete(body);
		}
	}

	isSent(body: Uint8Array): boolean {
		const request = this.#inProgress.get(body);
		const socket = request?.socket;
		return Boolean(request?.writableFinished && socket && !socket.connecting && socket.writableLength === 0);
	}

	destroy(): void {
		this.#destroyed = true;
		for (const request of this.#inProgress.values()) request?.destroy(new ShutdownError());
		void this.#connector?.then(({ options }) => options.agent.destroy()).catch(() => {});
	}

	async #connect(): Promise<Connector> {
		const { url, tls } = this.#settings;
		const options = { ...urlToHttpOptions(new URL(url)), method: 'POST', headers: this.#headers };
		const agentOptions = { keepAlive: true, ...(this.#proxyEnv && { proxyEnv: this.#proxyEnv }) };
		if (url.startsWith('http:')) {
			const agent = new http.Agent(agentOptions);
			return { request: http.request, options: { ...options, agent } };
		}
		const https = await import('node:https');
		const agent: HttpsAgent = new https.Agent({ ...agentOptions, ...tls });
		return { request: https.request as typeof http.request, options: { ...options, agent } };
	}

	#attempt(
		{ request, options }: Connector,
		body: Uint8Array,
		payload: Uint8Array,
		timeoutMs: number
	): Promise<Attempt> {
		return new Promise((resolve) => {
			if (this.#destroyed) return resolve({ outcome: 'failure', error: new ShutdownError() });

			const settle = (attempt: Attempt): void => {
				cancelLimit();
				resolve(attempt);
			};
			const cancelLimit = limitTime(timeoutMs, () => {
				const error = timeoutError(timeoutMs);
				settle({ outcome: 'retryable', error });
				req.destroy(error);
			});
			const open = (): http.ClientRequest => {
				const opened = request(options);
				this.#inProgress.set(body, opened);
				// a running app keeps the process alive itself; at its end `shutdown()` does, up to its timeout
				opened.on('socket', (socket) => socket.unref());
				opened.on('error', (error: NodeJS.ErrnoException) => {
					// a reset of a reused connection does not mean that the collector fails: it may have just closed it
					if (opened.reusedSocket && error.code === 'ECONNRESET' && !this.#destroyed) req = open();
					else settle({ outcome: 'retryable', error });
				});
				opened.on('response', (res) => readResponse(opened, res, settle));
				opened.end(payload);
				return opened;
			};
			let req = open();
		});
	}
}

function readResponse(
	req: http.ClientRequest,
	res: http.IncomingMessage,
	settle: (attempt: Attempt) => void
): void {
	const body = new ResponseBody(res, (error) => req.destroy(error));
	res.on('error', (error) => settle({ outcome: 'retryable', error }));
	res.on('end', () => {
		const attempt = toAttempt(res, body.read());
		const isEarly = attempt.outcome === 'success' && !req.writableFinished;
		settle(isEarly ? { ...attempt, isEarly } : attempt);
	});
}

function toAttempt(res: http.IncomingMessage, body: Buffer): Attempt {
	const status = res.statusCode ?? 0;
	if (status >= 200 && status <= 299) return { outcome: 'success', body };

	const error = new Error(`it answers ${status} ${res.statusMessage ?? ''}`.trim());
	if (!isRetryableStatus(status)) return { outcome: 'failure', error };

	const retryAfterMs = parseRetryAfter(res.headers['retry-after']);
	return { outcome: 'retryable', error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Parses `Retry-After`: seconds or a date (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after). */
function parseRetryAfter(value: string | undefined): number | undefined {
	if (value === undefined) return undefined;
	const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
	return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}
