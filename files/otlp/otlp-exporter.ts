import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ExportHealth } from './export-health.ts';
import type { DecodeResponse, EncodedBatch } from './batch.ts';
import type { Attempt, Transport } from './transport.ts';

/** What came of an export. */
export interface Exported extends ExportResult {
	/** The body is still being sent, although the collector has taken it. */
	isInUse?: boolean;
}

/** The first pause before an attempt is repeated, and the longest; each time twice the last, with jitter. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 5000;

/** No `Retry-After` is obeyed for longer: a slip of the pen in a proxy shall not end tracing for a day. */
const LONGEST_RETRY_AFTER_MS = 300_000;

/**
 * Exports over OTLP, repeating what the specification lets it repeat until the timeout
 * (https://opentelemetry.io/docs/specs/otlp/#failures).
 */
export class OtlpExporter {
	readonly #decodeResponse: DecodeResponse;
	readonly #transport: Transport;
	readonly #timeoutMs: number;
	readonly #health: ExportHealth;
	/** The bodies of the exports under way, and how many items each has. */
	readonly #underWay = new Map<Uint8Array, number>();
	/** What ends the pauses that are being made. */
	readonly #pauses = new Set<() => void>();
	/** The time before which the collector wants to hear nothing, in the clock of `performance.now()`. */
	#notBefore = -Infinity;
	#closed = false;

	/**
	 * @param decodeResponse reads what the collector says
	 * @param transport the way to the collector
	 * @param timeoutMs the bound of one export, retries included
	 * @param health whom to tell about failures
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
	 * @returns what came of it
	 */
	async export({ body, count }: EncodedBatch): Promise<Exported> {
		this.#underWay.set(body, count);
		try {
			return await this.#deliver(body);
		} finally {
			this.#underWay.delete(body);
		}
	}

	/** The exports under way whose bodies have not left the process. */
	unsent(): EncodedBatch[] {
		return [...this.#underWay]
			.filter(([body]) => !this.#transport.hasLeft(body))
			.map(([body, count]) => ({ body, count }));
	}

	/** What pauses by itself is tried at once, for there may be no later; what `Retry-After` holds back is not. */
	async forceFlush(): Promise<void> {
		for (const end of this.#pauses) end();
	}

	/** Ends everything at once; attempts under way fail. */
	async shutdown(): Promise<void> {
		this.#closed = true;
		await this.forceFlush();
		this.#transport.destroy();
	}

	async #deliver(body: Uint8Array): Promise<Exported> {
		const deadline = performance.now() + this.#timeoutMs;
		let pauseMs = FIRST_PAUSE_MS;
		let error = new Error('the collector has asked for a pause');

		for (;;) {
			// asked by an answer to this export or to another one
			await this.#pause(Math.min(this.#notBefore, deadline) - performance.now());
			if (this.#closed || performance.now() >= deadline) return { code: ExportResultCode.FAILED, error };

			const attempt = await this.#transport.send(body, deadline - performance.now());
			if (attempt.outcome === 'taken') {
				this.#readAnswer(attempt.body);
				return { code: ExportResultCode.SUCCESS, ...(attempt.isEarly && { isInUse: true }) };
			}
			({ error } = attempt);
			if (attempt.outcome === 'refused' || this.#closed) return { code: ExportResultCode.FAILED, error };

			// half to all of the pause, so that processes which failed together do not come back together
			const waitMs = this.#postpone(attempt) ?? pauseMs * (0.5 + Math.random() / 2);
			if (performance.now() + waitMs >= deadline) return { code: ExportResultCode.FAILED, error };

			// told at the first failed attempt, not ten seconds later
			this.#health.failed(error, 0);
			await this.#pause(waitMs);
			pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
		}
	}

	/** Takes down when the collector wants to be asked again, if it says so. */
	#postpone({ retryAfterMs }: Attempt & { outcome: 'retryable' }): number | undefined {
		if (retryAfterMs === undefined) return undefined;
		const waitMs = Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS);
		this.#notBefore = performance.now() + waitMs;
		return waitMs;
	}

	/** A pause that holds nothing open. */
	async #pause(ms: number): Promise<void> {
		if (ms <= 0 || this.#closed) return;
		const { promise, resolve } = Promise.withResolvers<void>();
		const timer = setTimeout(resolve, ms).unref();
		this.#pauses.add(resolve);
		await promise;
		this.#pauses.delete(resolve);
		clearTimeout(timer);
	}

	/** A full success has an empty answer; anything else may name items that were refused. */
	#readAnswer(body: Uint8Array): void {
		if (body.length === 0) return;
		try {
			const { rejected = 0, message = '' } = this.#decodeResponse(body) ?? {};
			if (rejected || message) this.#health.refused(rejected, message);
		} catch {
			// the status said that they were taken; what else was said cannot be read
		}
	}
}
