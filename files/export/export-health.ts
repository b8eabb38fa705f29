import { log } from '../log.ts';

/** Each kind of trouble is told at most this often. */
const TELL_EVERY_MS = 60_000;

/**
 * Tells how the export fares: the first failure, the recovery, and what was lost, each in one line and
 * never more often than an operator wants to read it.
 */
export class ExportHealth {
	readonly #target: string;
	readonly #maxQueueSize: number;
	readonly #now: () => number;
	#failing = false;
	#failureTold = false;
	#failureToldAt = -Infinity;
	#lostMeanwhile = 0;
	#untold = 0;
	#toldAt = -Infinity;
	#total = 0;

	/**
	 * @param target where spans go, as messages name it: never with credentials
	 * @param maxQueueSize spans that wait at most
	 * @param now milliseconds from any start
	 */
	constructor(target: string, maxQueueSize: number, now: () => number = () => performance.now()) {
		this.#target = target;
		this.#maxQueueSize = maxQueueSize;
		this.#now = now;
	}

	/** Whether the last export failed. */
	get failing(): boolean {
		return this.#failing;
	}

	/** Spans lost so far. */
	get lost(): number {
		return this.#total;
	}

	/** A batch arrived. */
	succeeded(): void {
		if (!this.#failing) return;
		this.#failing = false;
		if (!this.#failureTold) return;
		this.#failureTold = false;
		log('warn', `${this.#target} takes spans again; ${spans(this.#lostMeanwhile)} lost meanwhile`);
		this.#lostMeanwhile = 0;
	}

	/**
	 * An attempt failed and will be repeated, or a batch is given up.
	 *
	 * @param cause what happened
	 * @param lost spans given up with it
	 */
	failed(cause: Error, lost: number): void {
		this.#count(lost);
		if (this.#failing) return;
		this.#failing = true;

		// a collector that answers every other request shall not fill the log
		const now = this.#now();
		if (now - this.#failureToldAt < TELL_EVERY_MS) return;
		this.#failureToldAt = now;
		this.#failureTold = true;
		log(
			'warn',
			`${this.#target} does not take spans: ${describe(cause)}. Up to ${this.#maxQueueSize} spans wait for it, more are dropped; the app is not affected`
		);
	}

	/** A span found no room in the queue. */
	dropped(): void {
		this.#count(1);
		this.#untold++;
		const now = this.#now();
		if (now - this.#toldAt < TELL_EVERY_MS) return;
		this.#toldAt = now;
		this.#tell();
	}

	/**
	 * The collector took a batch, but not all of it (OTLP's partial success).
	 *
	 * @param rejected spans that it refused; 0 for a mere warning
	 * @param message why, in its words
	 */
	refused(rejected: number, message: string): void {
		this.#count(rejected);
		const now = this.#now();
		if (now - this.#toldAt < TELL_EVERY_MS) return;
		this.#toldAt = now;
		log('warn', `${this.#target} refused ${spans(rejected)}: ${JSON.stringify(message.slice(0, 200))}`);
	}

	/** The last word: what was lost and not told yet. */
	close(left: number): void {
		this.#count(left);
		if (this.#failing && this.#lostMeanwhile > 0) {
			log('warn', `${this.#target} did not take spans to the end; ${spans(this.#lostMeanwhile)} lost`);
		} else if (this.#untold + left > 0) {
			this.#untold += left;
			this.#tell();
		}
		this.#lostMeanwhile = 0;
		this.#untold = 0;
	}

	#count(lost: number): void {
		this.#total += lost;
		this.#lostMeanwhile += lost;
	}

	#tell(): void {
		log(
			'warn',
			`${spans(this.#untold)} dropped: more end than ${this.#target} takes and the queue of ${this.#maxQueueSize} is full. Lower OTEL_TRACES_SAMPLER_ARG or raise OTEL_BSP_MAX_QUEUE_SIZE`
		);
		this.#untold = 0;
	}
}

const spans = (count: number): string => `${count} ${count === 1 ? 'span' : 'spans'}`;

function describe(cause: Error): string {
	// Node puts the attempts at several addresses into one error without a message of its own
	const first = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
	const { message, code } = first as NodeJS.ErrnoException;
	return message || code || 'no reason given';
}
