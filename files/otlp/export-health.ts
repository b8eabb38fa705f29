import { describe as describeError } from '../diagnostics/guard.ts';
import { log } from '../diagnostics/log.ts';
import type { Wording } from './wording.ts';

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
	readonly #wording: Wording;
	readonly #now: () => number;
	readonly #toldAt = new Map<Kind, number>();
	/** What a failure that has been told had lost before it; undefined while there is none. */
	#lostBefore: number | undefined;
	#failing = false;
	#lost = 0;
	#lostAsTold = 0;

	/**
	 * @param target where it all goes, as messages name it: never with credentials
	 * @param wording of the signal
	 * @param now milliseconds from any start
	 */
	constructor(target: string, wording: Wording, now: () => number = () => performance.now()) {
		this.#target = target;
		this.#wording = wording;
		this.#now = now;
	}

	/** Whether the last export failed. */
	get failing(): boolean {
		return this.#failing;
	}

	/** Items lost so far. */
	get lost(): number {
		return this.#lost;
	}

	/** A batch arrived. */
	succeeded(): void {
		this.#failing = false;
		if (this.#lostBefore === undefined) return;
		const lost = this.#count(this.#lost - this.#lostBefore);
		this.#tell(`${this.#target} takes ${this.#wording.many} again; ${lost} lost meanwhile`);
		this.#lostBefore = undefined;
	}

	/**
	 * An attempt failed and will be repeated, or a batch is given up.
	 *
	 * @param cause what happened
	 * @param lost items given up with it
	 */
	failed(cause: Error, lost: number): void {
		this.#failing = true;
		this.#lost += lost;
		// a collector that answers every other request shall not fill the log
		if (!this.#isDue('failure')) return;
		const goesOn = this.#lostBefore !== undefined;
		this.#lostBefore ??= this.#lost - lost;
		const { many, meanwhile } = this.#wording;
		this.#tell(
			goesOn
				? `${this.#target} still does not take ${many}: ${describe(cause)}. ${this.#count(this.#lost)} lost so far`
				: `${this.#target} does not take ${many}: ${describe(cause)}. ${lost > 0 ? `${this.#count(this.#lost)} lost so far. ` : ''}${meanwhile}; the app is not affected`
		);
	}

	/**
	 * An item found no room in the queue.
	 *
	 * @param room items that wait at most
	 */
	dropped(room: number): void {
		this.#lost++;
		// why is told already
		if (this.#failing || !this.#isDue('overload')) return;
		const { many, remedy } = this.#wording;
		this.#tell(
			`${many} are dropped: there are more than ${this.#target} takes, and ${room} or 24 KiB for each of so many wait already. ${this.#count(this.#lost)} lost so far. ${remedy}`
		);
	}

	/**
	 * The collector took a batch, but not all of it (OTLP's partial success).
	 *
	 * @param rejected items that it refused; 0 for a mere warning
	 * @param message why, in its words
	 */
	refused(rejected: number, message: string): void {
		this.#lost += rejected;
		if (!this.#isDue('refusal')) return;
		const reason = JSON.stringify(message.slice(0, 200));
		this.#tell(
			rejected > 0
				? `${this.#target} refused ${this.#count(rejected)}: ${reason}. ${this.#count(this.#lost)} lost so far`
				: `${this.#target} warns: ${reason}`
		);
	}

	/**
	 * An item is none that could be sent, whoever should take it.
	 *
	 * @param source the name of the tracer or its like that has made it
	 * @param cause why
	 */
	unencodable(source: string, cause: unknown): void {
		this.#lost++;
		if (!this.#isDue('malformed')) return;
		const wording = this.#wording;
		this.#tell(
			`a ${wording.one} of the ${wording.source} ${JSON.stringify(source)} cannot be encoded (${describeError(cause)}): it is dropped, the others are sent. ${this.#count(this.#lost)} lost so far. Look for ${wording.malformed}`
		);
	}

	/** An item came when all was over. */
	late(): void {
		this.#lost++;
		if (!this.#isDue('late')) return;
		this.#tell(
			`a ${this.#wording.one} came after the last export: it is dropped, and so are those that follow`
		);
	}

	/**
	 * The last word: what was lost and not told yet.
	 *
	 * @param left items that will not be sent any more
	 */
	close(left: number): void {
		this.#lost += left;
		if (this.#lost > this.#lostAsTold) {
			this.#tell(
				left > 0 || this.#failing
					? `the process ends and ${this.#target} has not taken everything: ${this.#count(this.#lost)} lost in all`
					: `${this.#count(this.#lost)} lost in all since the start`
			);
		}
	}

	#isDue(kind: Kind): boolean {
		const now = this.#now();
		if (now - (this.#toldAt.get(kind) ?? -Infinity) < TELL_EVERY_MS) return false;
		this.#toldAt.set(kind, now);
		return true;
	}

	#count(count: number): string {
		return `${count} ${count === 1 ? this.#wording.one : this.#wording.many}`;
	}

	#tell(message: string): void {
		this.#lostAsTold = this.#lost;
		log('warn', message);
	}
}

function describe(cause: Error): string {
	// Node puts the attempts at several addresses into one error without a message of its own
	const first = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
	const { message, code } = first as NodeJS.ErrnoException;
	return message || code || 'no reason given';
}
