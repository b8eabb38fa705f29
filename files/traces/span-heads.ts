import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { ATTR_URL_PATH } from '@opentelemetry/semantic-conventions';
import { CALL_ID } from '../kit/remote-spans.ts';

/** Attributes with values of callers: their heads would fill the cache. */
const OF_CALLERS = new Set<string>([ATTR_URL_PATH, CALL_ID]);

/** Limits of the cache: an app has as many heads as files and routes. */
const MAX_STEPS = 2000;
const MAX_BRANCHES = 100;
const MAX_LENGTH = 100;

/**
 * The encoded heads of SvelteKit's spans: name, kind and attributes, which are the same in most requests. They are
 * found by their values in order, as in a tree, so a span whose attributes were changed has another head.
 */
export class SpanHeads {
	readonly #root = new Step();
	#steps = 0;

	/**
	 * Where the head of a span is kept.
	 *
	 * @param span of a kind that is always the same
	 * @returns undefined if it cannot be kept
	 */
	placeOf({ name, attributes }: ReadableSpan): { head: Uint8Array | undefined } | undefined {
		let step = this.#next(this.#root, '', name);
		for (const key in attributes) {
			if (!step || OF_CALLERS.has(key)) return undefined;
			step = this.#next(step, key, attributes[key]);
		}
		return step;
	}

	#next(step: Step, key: string, value: unknown): Step | undefined {
		const known = step.find(key, value);
		if (known || this.#steps >= MAX_STEPS) return known;
		const isKept = typeof value === 'string' ? value.length <= MAX_LENGTH : typeof value !== 'object';
		const added = isKept ? step.add(key, value) : undefined;
		if (added) this.#steps++;
		return added;
	}
}

/** The values up to here, and what follows. After the same values, the next key is usually the same, too. */
class Step {
	head: Uint8Array | undefined;
	#key: string | undefined;
	/** The first value that has followed. Most steps have no other. */
	#value: unknown;
	#next: Step | undefined;
	#others: Map<unknown, Step> | undefined;

	find(key: string, value: unknown): Step | undefined {
		if (this.#key !== key) return undefined;
		return this.#value === value ? this.#next : this.#others?.get(value);
	}

	add(key: string, value: unknown): Step | undefined {
		const added = new Step();
		if (this.#key === undefined) {
			this.#key = key;
			this.#value = value;
			this.#next = added;
			return added;
		}
		this.#others ??= new Map();
		if (this.#key !== key || this.#others.size >= MAX_BRANCHES) return undefined;
		this.#others.set(value, added);
		return added;
	}
}
