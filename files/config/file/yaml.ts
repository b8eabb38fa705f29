import { EVENT_ID, type Event, SCALAR_STYLE, YAMLException, getScalarValue, parseEvents } from 'js-yaml';

/*
 * Replaces `yaml` below `@opentelemetry/configuration` (see `rollup.config.js`): the functions that it calls, with
 * the parser of `js-yaml`, which is a third of the size. A test compares the results of both.
 */

/** A text, number, boolean or null. Upstream changes the value of those that reference variables. */
export class Scalar {
	/** The type of a scalar without quotes. */
	static readonly PLAIN = 'PLAIN';
	value: unknown;
	readonly type: string;

	constructor(value: unknown, type: string) {
		this.value = value;
		this.type = type;
	}
}

/** An alias is the node that it refers to. */
type Node = Scalar | { items: Node[] } | { pairs: [key: string, value: Node][] };

/** A parsed document. */
export interface Document {
	/** Undefined if the document is empty. */
	root: Node | undefined;
	toJS(): unknown;
}

/** The maximum number of nodes, with those of every alias. The file of upstream's example has 500. */
const MAX_NODES = 20_000;

/**
 * Parses a document.
 *
 * @throws {YAMLException} if it is malformed
 */
export function parseDocument(text: string): Document {
	const root = new Composer(text).compose();
	return { root, toJS: () => (root ? toValue(root, new Map()) : null) };
}

/**
 * Parses a text as a value.
 *
 * @throws {YAMLException} if it is malformed
 */
export const parse = (text: string): unknown => parseDocument(text).toJS();

/** Visits every scalar that is a value once, although an alias may refer to it. */
export function visit(
	{ root }: Document,
	{ Scalar: visitor }: { Scalar(key: number, node: Scalar): void }
): void {
	const seen = new Set<Node>();
	const walk = (node: Node): void => {
		if (seen.has(node)) return;
		seen.add(node);
		if (node instanceof Scalar) visitor(0, node);
		else if ('items' in node) node.items.forEach(walk);
		else for (const [, value] of node.pairs) walk(value);
	};
	if (root) walk(root);
}

/** Composes nodes from the events of the parser. */
class Composer {
	readonly #text: string;
	readonly #events: Event[];
	readonly #anchors = new Map<string, { node: Node; size: number }>();
	#next = 0;
	#size = 0;

	constructor(text: string) {
		this.#text = text;
		this.#events = parseEvents(text, {});
	}

	compose(): Node | undefined {
		if (this.#events.length === 0) return undefined;
		// the start of the document
		this.#next++;
		const root = this.#node();
		if (this.#next + 1 < this.#events.length) this.#fail('more than one document');
		return root;
	}

	#node(): Node {
		const event = this.#events[this.#next++]!;
		const before = this.#size++;
		const anchor = 'anchorStart' in event ? this.#slice(event.anchorStart, event.anchorEnd) : '';
		if (event.type === EVENT_ID.ALIAS) {
			const { node, size } = this.#anchors.get(anchor) ?? this.#fail('unknown alias', event.anchorStart);
			this.#size += size;
			if (this.#size > MAX_NODES) this.#fail('too many aliases', event.anchorStart);
			return node;
		}
		const node = this.#compose(event);
		if (anchor) this.#anchors.set(anchor, { node, size: this.#size - before });
		return node;
	}

	#compose(event: Event): Node {
		switch (event.type) {
			case EVENT_ID.SEQUENCE: {
				const items: Node[] = [];
				while (!this.#ends()) items.push(this.#node());
				return { items };
			}
			case EVENT_ID.MAPPING: {
				const pairs: [string, Node][] = [];
				const keys = new Set<string>();
				while (!this.#ends()) {
					const key = this.#key();
					if (keys.has(key.text)) this.#fail('duplicate key', key.position);
					keys.add(key.text);
					pairs.push([key.text, this.#node()]);
				}
				return { pairs };
			}
			case EVENT_ID.SCALAR: {
				const tag = this.#slice(event.tagStart, event.tagEnd);
				const isPlain = event.style === SCALAR_STYLE.PLAIN;
				const value = getScalarValue(this.#text, event);
				const isText = tag ? !/^!!(?:bool|float|int|null)$/.test(tag) : !isPlain;
				return new Scalar(isText ? value : toScalarValue(value), isPlain ? Scalar.PLAIN : 'QUOTED');
			}
			default:
				return this.#fail('an unexpected end');
		}
	}

	#key(): { text: string; position: number } {
		const event = this.#events[this.#next]!;
		const position = 'valueStart' in event ? event.valueStart : 'start' in event ? event.start : 0;
		const key = this.#node();
		if (!(key instanceof Scalar)) this.#fail('a key that is not a string', position);
		return { text: String(key.value ?? ''), position };
	}

	/** Whether the collection ends here. */
	#ends(): boolean {
		const isEnd = this.#events[this.#next]?.type === EVENT_ID.POP;
		if (isEnd) this.#next++;
		return isEnd;
	}

	#slice(start: number, end: number): string {
		return start < 0 ? '' : this.#text.slice(start, end);
	}

	#fail(reason: string, position = this.#text.length): never {
		return YAMLException.throwAt(this.#text, Math.max(position, 0), reason);
	}
}

/** A value of the core schema: https://yaml.org/spec/1.2.2/#103-core-schema */
function toScalarValue(text: string): unknown {
	if (/^(?:~|[Nn]ull|NULL)?$/.test(text)) return null;
	if (/^(?:[Tt]rue|TRUE)$/.test(text)) return true;
	if (/^(?:[Ff]alse|FALSE)$/.test(text)) return false;
	// JavaScript has the same forms with these prefixes
	if (/^(?:0o[0-7]+|0x[\dA-Fa-f]+)$/.test(text)) return Number(text);
	if (/^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[Ee][-+]?\d+)?$/.test(text)) return Number(text);
	if (/^\.(?:nan|NaN|NAN)$/.test(text)) return NaN;
	if (/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
	return text;
}

/** Nodes that an alias refers to are one object. */
function toValue(node: Node, values: Map<Node, unknown>): unknown {
	if (node instanceof Scalar) return node.value;
	if (values.has(node)) return values.get(node);
	const value =
		'items' in node
			? node.items.map((item) => toValue(item, values))
			: Object.fromEntries(node.pairs.map(([key, item]) => [key, toValue(item, values)]));
	values.set(node, value);
	return value;
}
