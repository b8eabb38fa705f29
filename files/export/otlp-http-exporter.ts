import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { IExportTraceServiceResponse, ISerializer } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { OtlpSettings } from '../configure/endpoint.ts';
import type { ExportHealth } from './export-health.ts';
import { HttpTransport } from './http-transport.ts';

/** Turns spans into bytes, and an answer's bytes into what the collector says. */
export type TraceSerializer = ISerializer<ReadableSpan[], IExportTraceServiceResponse>;

/** The first pause before an attempt is repeated, and the longest; each time twice the last, with jitter. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;

/**
 * Exports over OTLP/HTTP, repeating what the specification lets it repeat until the timeout
 * (https://opentelemetry.io/docs/specs/otlp/#otlphttp).
 */
export class OtlpHttpExporter implements SpanExporter {
	readonly #serializer: TraceSerializer;
	readonly #settings: OtlpSettings;
	readonly #health: ExportHealth;
	readonly #transport: HttpTransport;
	readonly #closed = new AbortController();

	/**
	 * @param serializer the protocol
	 * @param contentType its media type
	 * @param settings where and how
	 * @param health whom to tell about failures
	 * @param userAgent who sends
	 */
	constructor(
		serializer: TraceSerializer,
		contentType: string,
		settings: OtlpSettings,
		health: ExportHealth,
		userAgent: string
	) {
		this.#serializer = serializer;
		this.#settings = settings;
		this.#health = health;
		this.#transport = new HttpTransport(settings, contentType, userAgent);
	}

	export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
		const body = this.#serializer.serializeRequest(spans);
		if (!body)
			return done({ code: ExportResultCode.FAILED, error: new Error('spans could not be serialized') });
		void this.#deliver(body).then(done);
	}

	/** Ends everything at once; attempts under way fail. */
	async shutdown(): Promise<void> {
		this.#closed.abort();
		await this.#transport.destroy();
	}

	async #deliver(body: Uint8Array): Promise<ExportResult> {
		const deadline = performance.now() + this.#settings.timeoutMs;
		let pause = FIRST_PAUSE_MS;

		for (;;) {
			const left = deadline - performance.now();
			const attempt = await this.#transport.send(body, Math.max(left, 1));
			if (attempt.outcome === 'taken') {
				this.#readAnswer(attempt.body);
				return { code: ExportResultCode.SUCCESS };
			}

			const failure = { code: ExportResultCode.FAILED, error: attempt.error };
			if (attempt.outcome === 'refused') return failure;

			// half to all of the pause, so that processes which failed together do not come back together
			const wait = attempt.retryAfterMs ?? pause * (0.5 + Math.random() / 2);
			pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
			if (this.#closed.signal.aborted || performance.now() + wait >= deadline) return failure;

			// told at the first failed attempt, not ten seconds later
			this.#health.failed(attempt.error, 0);
			await this.#pause(wait);
			if (this.#closed.signal.aborted) return failure;
		}
	}

	/** A pause that holds nothing open, and that `shutdown()` ends. */
	#pause(ms: number): Promise<void> {
		return new Promise((resolve) => {
			const { signal } = this.#closed;
			const done = (): void => {
				clearTimeout(timer);
				signal.removeEventListener('abort', done);
				resolve();
			};
			const timer = setTimeout(done, ms).unref();
			signal.addEventListener('abort', done);
		});
	}

	/** A full success has an empty answer; anything else may name spans that were refused. */
	#readAnswer(body: Uint8Array): void {
		if (body.length === 0) return;
		try {
			const { rejectedSpans, errorMessage } = this.#serializer.deserializeResponse(body).partialSuccess ?? {};
			if (rejectedSpans || errorMessage) this.#health.refused(Number(rejectedSpans ?? 0), errorMessage ?? '');
		} catch {
			// the status said that the spans were taken; what else was said cannot be read
		}
	}
}
