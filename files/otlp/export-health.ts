import { describe as describeError } from '../diagnostics/guard.ts';
import { log } from '../diagnostics/log.ts';

/** Each kind of trouble is told at most this often. */
const TELL_EVERY_MS = 60_000;

type Kind = 'failure' | 'overload' | 'refusal' | 'malformed' | 'late';

/**
 * Tells how the export fares: the first failure, the recovery, and what was lost, each in one line and
 * never more often than an operator wants to read it. Figures are totals since the start, so that no two
 * lines must be added up.
 */
export class ExportHealth {
	readonly #target: string;
	readonly #maxQueueSize: number;
	readonly #now: () => number;
	readonly #toldAt = new Map<Kind, number>();
	/** What a failure that has been told had lost before it; undefined while there is none. */
	#lostBefore: number | undefined;
	#failing = false;
	#lost = 0;
	#lostAsTold = 0;

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
		return this.#lost;
	}

	/** A batch arrived. */
	succeeded(): void {
		this.#failing = false;
		if (this.#lostBefore === undefined) return;
		this.#tell(`${this.#target} takes spans again; ${spans(this.#lost - this.#lostBefore)} lost meanwhile`);
		this.#lostBefore = undefined;
	}

	/**
	 * An attempt failed and will be repeated, or a batch is given up.
	 *
	 * @param cause what happened
	 * @param lost spans given up with it
	 */
	failed(cause: Error, lost: number): void {
		this.#failing = true;
		this.#lost += lost;
		// a collector that answers every other request shall not fill the log
		if (!this.#isDue('failure')) return;
		const goesOn = this.#lostBefore !== undefined;
		this.#lostBefore ??= this.#lost - lost;
		this.#tell(
			goesOn
				? `${this.#target} still does not take spans: ${describe(cause)}. ${spans(this.#lost)} lost so far`
				: `${this.#target} does not take spans: ${describe(cause)}. ${lost > 0 ? `${spans(this.#lost)} lost so far. ` : ''}Up to ${this.#maxQueueSize} spans wait for it, more are dropped; the app is not affected`
		);
	}

	/** A span found no room in the queue. */
	dropped(): void {
		this.#lost++;
		// why is told already
		if (this.#failing || !this.#isDue('overload')) return;
		this.#tell(
			`spans are dropped: more end than ${this.#target} takes, and ${this.#maxQueueSize} or 24 KiB for each of so many wait already. ${spans(this.#lost)} lost so far. Lower OTEL_TRACES_SAMPLER_ARG or raise OTEL_BSP_MAX_QUEUE_SIZE`
		);
	}

	/**
	 * The collector took a batch, but not all of it (OTLP's partial success).
	 *
	 * @param rejected spans that it refused; 0 for a mere warning
	 * @param message why, in its words
	 */
	refused(rejected: number, message: string): void {
		this.#lost += rejected;
		if (!this.#isDue('refusal')) return;
		const reason = JSON.stringify(message.slice(0, 200));
		this.#tell(
			rejected > 0
				? `${this.#target} refused ${spans(rejected)}: ${reason}. ${spans(this.#lost)} lost so far`
				: `${this.#target} warns: ${reason}`
		);
	}

	/**
	 * A span is none that could be sent, whoever should take it.
	 *
	 * @param tracer the name of the one that has made it
	 * @param cause why
	 */
	unencodable(tracer: string, cause: unknown): void {
		this.#lost++;
		if (!this.#isDue('malformed')) return;
		this.#tell(
			`a span of the tracer ${JSON.stringify(tracer)} cannot be encoded (${describeError(cause)}): it is dropped, the others are sent. ${spans(this.#lost)} lost so far. Look for a name that is no text, a time or a link that is none`
		);
	}

	/** A span ended when all was over. */
	late(): void {
		this.#lost++;
		if (!this.#isDue('late')) return;
		this.#tell('a span has ended after the last export: it is dropped, and so are those that follow');
	}

	/**
	 * The last word: what was lost and not told yet.
	 *
	 * @param left spans that will not be sent any more
	 */
	close(left: number): void {
		this.#lost += left;
		if (this.#lost > this.#lostAsTold) {
			this.#tell(
				left > 0 || this.#failing
					? `the process ends and ${this.#target} has not taken everything: ${spans(this.#lost)} lost in all`
					: `${spans(this.#lost)} lost in all since the start`
			);
		}
	}

	#isDue(kind: Kind): boolean {
		const now = this.#now();
		if (now - (this.#toldAt.get(kind) ?? -Infinity) < TELL_EVERY_MS) return false;
		this.#toldAt.set(kind, now);
		return true;
	}

	#tell(message: string): void {
		this.#lostAsTold = this.#lost;
		log('warn', message);
	}
}

const spans = (count: number): string => `${count} ${count === 1 ? 'span' : 'spans'}`;

function describe(cause: Error): string {
	// Node puts the attempts at several addresses into one error without a message of its own
	const first = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
	const { message, code } = first as NodeJS.ErrnoException;
	return message || code || 'no reason given';
}
