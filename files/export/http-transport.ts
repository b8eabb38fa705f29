import * as http from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { readFileSync } from 'node:fs';
import type { OtlpSettings } from '../configure/endpoint.ts';

/** What one attempt to send came to. */
export type Attempt =
	| { outcome: 'taken'; body: Uint8Array }
	| { outcome: 'retryable'; error: Error; retryAfterMs?: number }
	| { outcome: 'refused'; error: Error };

/** Codes that the OTLP specification calls retryable (https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes). */
const RETRYABLE = new Set([429, 502, 503, 504]);

/** A collector's answer is a few bytes; nobody shall fill our memory with it. */
const MAX_RESPONSE_BYTES = 64 * 1024;

const compress = promisify(gzip);

/**
 * Sends one request at a time to the collector, over connections that are kept. Unlike the SDK's own
 * transport it bounds the whole attempt, the answer's body included, and never holds the process.
 */
export class HttpTransport {
	readonly #settings: OtlpSettings;
	readonly #headers: Record<string, string>;
	readonly #underWay = new Set<http.ClientRequest>();
	#connect: Promise<{ request: typeof http.request; agent: http.Agent }> | undefined;

	/**
	 * @param settings where and how
	 * @param contentType of the bodies
	 * @param userAgent who sends
	 */
	constructor(settings: OtlpSettings, contentType: string, userAgent: string) {
		this.#settings = settings;
		this.#headers = {
			'user-agent': userAgent,
			...settings.headers,
			'content-type': contentType,
			...(settings.compression === 'gzip' && { 'content-encoding': 'gzip' })
		};
	}

	/**
	 * One attempt. Never rejects.
	 *
	 * @param body serialized spans
	 * @param timeoutMs the bound of the attempt
	 */
	async send(body: Uint8Array, timeoutMs: number): Promise<Attempt> {
		try {
			const { request, agent } = await (this.#connect ??= this.#createAgent());
			const payload = this.#settings.compression === 'gzip' ? await compress(body) : body;
			return await this.#attempt(request, agent, payload, timeoutMs);
		} catch (error) {
			return { outcome: 'refused', error: error as Error };
		}
	}

	/** Ends all that is under way. */
	async destroy(): Promise<void> {
		for (const request of this.#underWay) request.destroy(new Error('cut off at exit'));
		(await this.#connect)?.agent.destroy();
	}

	async #createAgent(): Promise<{ request: typeof http.request; agent: http.Agent }> {
		const { url, certificate, clientCertificate, clientKey } = this.#settings;
		if (url.startsWith('http:')) return { request: http.request, agent: new http.Agent({ keepAlive: true }) };

		const https = await import('node:https');
		const agent: HttpsAgent = new https.Agent({
			keepAlive: true,
			...(certificate && { ca: readFileSync(certificate) }),
			...(clientCertificate && { cert: readFileSync(clientCertificate) }),
			...(clientKey && { key: readFileSync(clientKey) })
		});
		return { request: https.request as typeof http.request, agent };
	}

	#attempt(
		request: typeof http.request,
		agent: http.Agent,
		body: Uint8Array,
		timeoutMs: number
	): Promise<Attempt> {
		return new Promise((resolve) => {
			const req = request(this.#settings.url, { method: 'POST', headers: this.#headers, agent });
			const limit = setTimeout(
				() => req.destroy(new Error(`no answer within ${timeoutMs} ms`)),
				timeoutMs
			).unref();

			const settle = (attempt: Attempt): void => {
				clearTimeout(limit);
				this.#underWay.delete(req);
				resolve(attempt);
			};

			this.#underWay.add(req);
			// a running app holds the process itself; at its end `shutdown()` does, as long as it is allowed to
			req.on('socket', (socket) => socket.unref());
			req.on('error', (error) => settle({ outcome: 'retryable', error }));
			req.on('response', (res) => {
				const chunks: Buffer[] = [];
				let size = 0;
				res.on('data', (chunk: Buffer) => {
					size += chunk.length;
					if (size > MAX_RESPONSE_BYTES) req.destroy(new Error('answer too long'));
					else chunks.push(chunk);
				});
				res.on('error', (error) => settle({ outcome: 'retryable', error }));
				res.on('end', () => settle(judge(res, Buffer.concat(chunks))));
			});
			req.end(body);
		});
	}
}

function judge(res: http.IncomingMessage, body: Buffer): Attempt {
	const status = res.statusCode ?? 0;
	if (status >= 200 && status <= 299) return { outcome: 'taken', body };

	const error = new Error(`it answers ${status} ${res.statusMessage ?? ''}`.trim());
	if (!RETRYABLE.has(status)) return { outcome: 'refused', error };

	const retryAfterMs = parseRetryAfter(res.headers['retry-after']);
	return { outcome: 'retryable', error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}

/** Seconds or a date (https://www.rfc-editor.org/rfc/rfc9110#field.retry-after). */
function parseRetryAfter(value: string | undefined): number | undefined {
	if (value === undefined) return undefined;
	const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
	return Number.isNaN(ms) ? undefined : Math.max(ms, 0);
}
