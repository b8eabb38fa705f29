import type { ExportHealth } from './export-health.ts';
import { type Attempt, ShutdownError, timeoutError } from './attempt.ts';
import type { DecodeResponse, EncodedBatch } from './batch.ts';
import type { Unanswered } from './signal.ts';
import type { Transport } from './transport.ts';

/** The result of an export. */
export interface Exported {
	/** Why the collector has not accepted it; undefined if it has. */
	error: Error | undefined;
	/** The collector has accepted the request, but the body is still being sent. */
	isInUse?: boolean;
	/** The collector has refused the request: the specification does not let it be sent again. */
	isRefused?: boolean;
}

/** The initial and the maximum backoff delay. The delay doubles with each retry, and has jitter. */
const INITIAL_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 5000;

/** Upper limit for `Retry-After`: a wrong value from a proxy must not stop the export for a day. */
const MAX_RETRY_AFTER_MS = 300_000;

/**
 * Exports over OTLP. Retries the failures that the specification calls retryable, until the timeout
 * (https://opentelemetry.io/docs/specs/otlp/#failures).
 */
export class OtlpExporter {
	readonly #decodeResponse: DecodeResponse;
	readonly #transport: Transport;
	readonly #timeoutMs: number;
	readonly #health: ExportHealth;
	/** The bodies of the exports in progress, with their numbers of items and the starts of their last attempts. */
	readonly #inProgress = new Map<Uint8Array, Unanswered>();
	/** Functions that end the current backoff delays. */
	readonly #delays = new Set<() => void>();
	/** The time until which the collector asked not to be called, on the clock of `performance.now()`. */
	#notBefore = -Infinity;
	#closed = false;

	/**
	 * @param decodeResponse decodes the response of the collector
	 * @param transport the transport to the collector
	 * @param timeoutMs the time limit of one export, including retries
	 * @param health records failures
	 */
	constructor(decodeResponse: DecodeResponse, transport: Transport, timeoutMs: number, health: ExportHealth) {
		this.#decodeResponse = decodeResponse;
		this.#transport = transport;
		this.#timeoutMs = timeoutMs;
		this.#health = health;
	}

	/**
	 * Exports a batch. Never rejects.
	 *
	 * @returns the result
	 */
	async export({ body, count }: EncodedBatch): Promise<Exported> {
		const attempted: Unanswered = { count, since: performance.now() };
		this.#inProgress.set(body, attempted);
		try {
			return await this.#deliver(body, attempted);
		} finally {
			this.#inProgress.delete(body);
		}
	}

	/** The exports in progress whose bodies have not been sent completely. */
	unsent(): EncodedBatch[] {
		return [...this.#inProgress]
			.filter(([body]) => !this.#transport.isSent(body))
			.map(([body, { count }]) => ({ body, count }));
	}

	/** The other exports in progress, which only wait for an answer. */
	unanswered(): Unanswered[] {
		return [...this.#inProgress].filter(([body]) => this.#transport.isSent(body)).map(([, sent]) => sent);
	}

	/** Ends the backoff delays, because there may be no later attempt. Delays that `Retry-After` asked for continue. */
	async forceFlush(): Promise<void> {
		for (const end of this.#delays) end();
	}

	/** Stops all exports immediately; attempts in progress fail. */
	async shutdown(): Promise<void> {
		this.#closed = true;
		await this.forceFlush();
		this.#transport.destroy();
	}

	async #deliver(body: Uint8Array, attempted: Unanswered): Promise<Exported> {
		const deadline = performance.now() + this.#timeoutMs;
		let backoffMs = INITIAL_BACKOFF_MS;
		const isPaused = this.#notBefore > performance.now();
		let error: Error | undefined;

		for (;;) {
			// set by a response to this export or to another one
			await this.#delay(Math.min(this.#notBefore, deadline) - performance.now());
			if (this.#closed) return { error: new ShutdownError() };
			if (performance.now() >= deadline) {
				// if there was no time for an attempt
				error ??= isPaused ? new Error('the collector has asked for a pause') : timeoutError(this.#timeoutMs);
				return { error };
			}

			attempted.since = performance.now();
			const attempt = await this.#transport.send(body, deadline - performance.now());
			if (attempt.outcome === 'success') {
				this.#readResponse(attempt.body);
				return { error: undefined, ...(attempt.isEarly && { isInUse: true }) };
			}
			({ error } = attempt);
			const isRefused = attempt.outcome === 'failure';
			if (isRefused || this.#closed) return { error, isRefused };

			// the jitter is 50 to 100 % of the delay, so that processes do not retry at the same time
			const waitMs = this.#postpone(attempt) ?? backoffMs * (0.5 + Math.random() / 2);
			if (performance.now() + waitMs >= deadline) return { error };

			// log at the first failed attempt, not ten seconds later
			this.#health.failed(error, 0);
			await this.#delay(waitMs);
			backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS);
		}
	}

	/** Records when the collector wants the next request, if it says so. */
	#postpone({ retryAfterMs }: Attempt & { outcome: 'retryable' }): number | undefined {
		if (retryAfterMs === undefined) return undefined;
		const waitMs = Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
		this.#notBefore = performance.now() + waitMs;
		return waitMs;
	}

	/** A delay that does not keep the process alive. */
	async #delay(ms: number): Promise<void> {
		if (ms <= 0 || this.#closed) return;
		const { promise, resolve } = Promise.withResolvers<void>();
		const timer = setTimeout(resolve, ms).unref();
		this.#delays.add(resolve);
		await promise;
		this.#delays.delete(resolve);
		clearTimeout(timer);
	}

	/** A full success has an empty response; any other response may report rejected items. */
	#readResponse(body: Uint8Array): void {
		if (body.length === 0) return;
		try {
			const { rejected = 0, message = '' } = this.#decodeResponse(body) ?? {};
			if (rejected || message) this.#health.rejected(rejected, message);
		} catch {
			// the status says that the items were accepted; the rest of the response cannot be read
		}
	}
}
