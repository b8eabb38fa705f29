import { AsyncLocalStorage } from 'node:async_hooks';
import { withoutSecrets } from '../config/url.ts';
import { LOG_EVERY_MS, describeError, log } from '../diagnostics/log.ts';
import { ShutdownError } from './attempt.ts';
import { type ExportTarget, adviseAbout, show } from './advise.ts';
import type { Wording } from './wording.ts';

type Kind = 'failure' | 'overload' | 'refusal' | 'malformed' | 'late';

/** A timer must not hold the context of the request in which it started. */
const outside = AsyncLocalStorage.snapshot();

/**
 * Logs the state of the export: the first failure, the recovery, and how much was lost. Each is one line, with a
 * limited rate. The numbers are totals since the start, so that readers need not add up several lines.
 */
export class ExportHealth {
	readonly #otlp: ExportTarget;
	readonly #target: string;
	readonly #wording: Wording;
	/** The kinds of problems that were logged less than a minute ago. A lookup costs less than reading a clock. */
	readonly #quiet = new Set<Kind>();
	/** The number of lost items before the failure that was logged last; undefined while there is no failure. */
	#lostBefore: number | undefined;
	#failing = false;
	#lost = 0;
	#lostWhenLogged = 0;

	/**
	 * @param otlp the settings of the OTLP exporter
	 * @param wording the words for this signal
	 */
	constructor(otlp: ExportTarget, wording: Wording) {
		this.#otlp = otlp;
		this.#target = `collector ${withoutSecrets(otlp.url)}`;
		this.#wording = wording;
	}

	/** Whether the last export failed. */
	get failing(): boolean {
		return this.#failing;
	}

	/** Items lost so far. */
	get lost(): number {
		return this.#lost;
	}

	/** A batch was exported. */
	succeeded(): void {
		this.#failing = false;
		if (this.#lostBefore === undefined) return;
		const lost = this.#count(this.#lost - this.#lostBefore);
		this.#logOfTarget(`accepts ${this.#wording.many} again; ${lost} lost meanwhile`);
		this.#lostBefore = undefined;
	}

	/**
	 * An attempt failed and will be retried, or a batch was dropped.
	 *
	 * @param cause the error
	 * @param lost the number of dropped items
	 * @param isRefused whether the batch is not sent again because the collector has refused it
	 */
	failed(cause: Error, lost: number, isRefused?: boolean): void {
		this.#failing = true;
		this.#lost += lost;
		// `close` logs what a shutdown has cut off; a collector that fails every other request must not fill the log
		if (cause instanceof ShutdownError || !this.#isDue('failure')) return;
		const isRepeated = this.#lostBefore !== undefined;
		this.#lostBefore ??= this.#lost - lost;
		const { many, maxQueueSize, meanwhile } = this.#wording;
		// when Node tries several addresses, the errors are in one AggregateError without a message
		const error: NodeJS.ErrnoException = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
		const reason = show(error.message || error.code || 'no reason given', this.#otlp);
		const failure = `does not accept ${many}: ${reason}.`;
		const total = this.#total();
		if (isRepeated) return this.#logOfTarget(`still ${failure} ${total}`);

		const waiting = isRefused
			? 'Each of these batches is lost'
			: `Up to ${maxQueueSize} ${many} wait for it, more are dropped`;
		this.#logOfTarget(
			`${failure} ${lost > 0 ? `${total}. ` : ''}${meanwhile ?? waiting}; the app is not affected${adviseAbout(error, this.#otlp)}`
		);
	}

	/** An item was dropped because the queue is full. */
	dropped(): void {
		this.#lost++;
		// the cause was already logged
		if (this.#failing || !this.#isDue('overload')) return;
		const { many, maxQueueSize, remedy } = this.#wording;
		this.#log(
			`${many} are dropped: there are more than ${this.#target} accepts, and the queue is full (${maxQueueSize} ${many}, or 24 KiB for each on average). ${this.#total()}. ${remedy}`
		);
	}

	/**
	 * The collector rejected a part of a batch (partial success in OTLP).
	 *
	 * @param count the number of rejected items; 0 if the collector only warns
	 * @param message the error message of the collector
	 */
	rejected(count: number, message: string): void {
		this.#lost += count;
		if (!this.#isDue('refusal')) return;
		const reason = JSON.stringify(show(message, this.#otlp));
		this.#logOfTarget(
			count > 0 ? `rejected ${this.#count(count)}: ${reason}. ${this.#total()}` : `warns: ${reason}`
		);
	}

	/**
	 * An item was dropped because it cannot be encoded for OTLP.
	 *
	 * @param source the name of the instrumentation scope that created the item
	 * @param cause the error
	 */
	unencodable(source: string, cause: unknown): void {
		this.#lost++;
		if (!this.#isDue('malformed')) return;
		const wording = this.#wording;
		this.#log(
			`a ${wording.one} of the ${wording.source} ${JSON.stringify(source)} cannot be encoded (${describeError(cause)}): it is dropped, the others are sent. ${this.#total()}. Look for ${wording.malformed}`
		);
	}

	/** An item arrived after the shutdown. */
	late(): void {
		this.#lost++;
		if (!this.#isDue('late')) return;
		this.#log(
			`a ${this.#wording.one} came after the last export: it is dropped, and so are those that follow`
		);
	}

	/**
	 * Logs losses that were not logged before. The last call.
	 *
	 * @param left the number of items that will no longer be sent
	 */
	close(left: number): void {
		this.#lost += left;
		if (this.#lost > this.#lostWhenLogged) {
			this.#log(
				left > 0 || this.#failing
					? `the process ends and ${this.#target} has not accepted everything: ${this.#count(this.#lost)} lost in all`
					: `${this.#count(this.#lost)} lost in all since the start`
			);
		}
	}

	#isDue(kind: Kind): boolean {
		if (this.#quiet.has(kind)) return false;
		this.#quiet.add(kind);
		outside(() => setTimeout(() => this.#quiet.delete(kind), LOG_EVERY_MS)).unref();
		return true;
	}

	#count(count: number): string {
		return `${count} ${count === 1 ? this.#wording.one : this.#wording.many}`;
	}

	#total(): string {
		return `${this.#count(this.#lost)} lost so far`;
	}

	#logOfTarget(message: string): void {
		this.#log(`${this.#target} ${message}`);
	}

	#log(message: string): void {
		this.#lostWhenLogged = this.#lost;
		log('warn', message);
	}
}
