import { readFileSync } from 'node:fs';
import {
	Client,
	type ClientUnaryCall,
	Metadata,
	type ServiceError,
	compressionAlgorithms,
	connectivityState,
	credentials,
	status
} from '@grpc/grpc-js';
import type { OtlpSettings } from '../configure/endpoint.ts';
import { readRetryInfo } from './grpc-retry-info.ts';
import type { Attempt, Transport } from './transport.ts';

const METHOD = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';

/** https://opentelemetry.io/docs/specs/otlp/#failures; `RESOURCE_EXHAUSTED` is one if the answer says so. */
const RETRYABLE = new Set([
	status.CANCELLED,
	status.DEADLINE_EXCEEDED,
	status.ABORTED,
	status.OUT_OF_RANGE,
	status.UNAVAILABLE,
	status.DATA_LOSS
]);

/** Sends over one HTTP/2 connection that is kept, with the same bounds as over HTTP/1. */
export class GrpcTransport implements Transport {
	readonly #settings: OtlpSettings;
	readonly #userAgent: string;
	readonly #underWay = new Map<Uint8Array, ClientUnaryCall>();
	readonly #metadata = new Metadata();
	#client: Client | undefined;

	/**
	 * @param settings where and how
	 * @param userAgent who sends
	 */
	constructor(settings: OtlpSettings, userAgent: string) {
		this.#settings = settings;
		this.#userAgent = userAgent;
		for (const [name, value] of Object.entries(settings.headers)) this.#metadata.set(name, value);
	}

	async send(body: Uint8Array, timeoutMs: number): Promise<Attempt> {
		try {
			return await this.#attempt((this.#client ??= this.#connect()), body, timeoutMs);
		} catch (error) {
			return { outcome: 'refused', error: error as Error };
		} finally {
			this.#underWay.delete(body);
		}
	}

	/** What is sent over an open connection has left at once; one that is being opened holds everything back. */
	hasLeft(body: Uint8Array): boolean {
		const state = this.#client?.getChannel().getConnectivityState(false);
		return this.#underWay.has(body) && state === connectivityState.READY;
	}

	destroy(): void {
		for (const call of this.#underWay.values()) call.cancel();
		this.#client?.close();
	}

	#connect(): Client {
		const { url, compression, certificate, clientKey, clientCertificate } = this.#settings;
		const { protocol, host } = new URL(url);
		return new Client(
			host,
			protocol === 'https:'
				? credentials.createSsl(read(certificate), read(clientKey), read(clientCertificate))
				: credentials.createInsecure(),
			{
				'grpc.primary_user_agent': this.#userAgent,
				'grpc.default_compression_algorithm':
					compression === 'gzip' ? compressionAlgorithms.gzip : compressionAlgorithms.identity
			}
		);
	}

	#attempt(client: Client, body: Uint8Array, timeoutMs: number): Promise<Attempt> {
		return new Promise((resolve) => {
			const call = client.makeUnaryRequest(
				METHOD,
				asBuffer,
				(answer: Buffer) => answer,
				body,
				this.#metadata,
				{ deadline: Date.now() + timeoutMs },
				(error, answer) =>
					resolve(error ? judge(error) : { outcome: 'taken', body: answer ?? new Uint8Array() })
			);
			this.#underWay.set(body, call);
		});
	}
}

const asBuffer = (body: Uint8Array): Buffer => Buffer.from(body.buffer, body.byteOffset, body.byteLength);

const read = (path: string | undefined): Buffer | null => (path === undefined ? null : readFileSync(path));

function judge({ code, details, metadata }: ServiceError): Attempt {
	const error = new Error(`it answers ${status[code]}${details ? `: ${details}` : ''}`);
	const retryAfterMs = readRetryInfo(metadata);
	const retryable = RETRYABLE.has(code) || (code === status.RESOURCE_EXHAUSTED && retryAfterMs !== undefined);
	if (!retryable) return { outcome: 'refused', error };
	return { outcome: 'retryable', error, ...(retryAfterMs !== undefined && { retryAfterMs }) };
}
