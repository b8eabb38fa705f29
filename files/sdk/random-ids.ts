import { randomFillSync } from 'node:crypto';
import type { IdGenerator } from '@opentelemetry/sdk-trace';

const TRACE_ID_DIGITS = 32;
const SPAN_ID_DIGITS = 16;

/** The number of random digits generated at once: the ids of some hundred spans. */
const POOL_BYTES = 4096;

const INVALID = /^0+$/;

/** Generates ids from a pool of random digits: separate random bytes for each id take ten times as long. */
export class RandomIds implements IdGenerator {
	readonly #bytes = Buffer.allocUnsafeSlow(POOL_BYTES);
	#digits = '';
	#at = 0;

	generateTraceId: () => string = () => this.#take(TRACE_ID_DIGITS);

	generateSpanId: () => string = () => this.#take(SPAN_ID_DIGITS);

	#take(length: number): string {
		if (this.#at + length > this.#digits.length) {
			this.#digits = randomFillSync(this.#bytes).toString('hex');
			this.#at = 0;
		}
		const id = this.#digits.slice(this.#at, (this.#at += length));
		return id.charCodeAt(0) === 48 && INVALID.test(id) ? this.#take(length) : id;
	}
}
