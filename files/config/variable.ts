/**
 * What is wrong with a value that is not valid, or not in all its parts. A plain `undefined` from
 * {@link Variable.parse} says only that it is not what is expected.
 */
export class Flaw<T> {
	/** Follows the value in the message: `of which "foo" is unknown`. */
	readonly problem: string;
	/** What of it is used; undefined for nothing. */
	readonly value: T | undefined;
	/** How the message says what is used: `the other pairs are used`. */
	readonly instead: string | undefined;

	constructor(problem: string, value?: T, instead?: string) {
		this.problem = problem;
		this.value = value;
		this.instead = instead;
	}
}

/** One environment variable: how its text becomes a value, and what is said when it cannot. */
export interface Variable<T, F extends T | undefined = T | undefined> {
	/** The name in the environment. */
	name: string;
	/** What a valid value looks like, for messages and for the documentation. */
	expected: string;
	/** What is used when the variable is unset or invalid. */
	fallback: F;
	/** What is said to be used then. Default: the fallback itself. */
	fallbackText?: string;
	/** Whether its value must never be shown. */
	secret?: boolean;
	/** The value of a text that is trimmed and not blank. Never throws. */
	parse(text: string): T | Flaw<T> | undefined;
	/** Makes an invalid value fit to be shown. Default: quoted and cut. */
	show?(text: string): string;
}

/** Reads variables, and tells each one that cannot be used as it stands once, in one line. */
export class Environment {
	readonly #env: NodeJS.ProcessEnv;
	readonly #tell: (message: string) => void;
	readonly #told = new Set<string>();

	/**
	 * @param env the process environment
	 * @param tell says one line
	 */
	constructor(env: NodeJS.ProcessEnv, tell: (message: string) => void) {
		this.#env = env;
		this.#tell = tell;
	}

	/** Whether a variable is set to something that is not blank. */
	has({ name }: { name: string }): boolean {
		return Boolean(this.#env[name]?.trim());
	}

	/**
	 * The variable's value, or the fallback where it is unset, blank or invalid; the last two are told.
	 *
	 * @param variable which
	 * @param fallback in place of the variable's own: an option that the app was built with
	 */
	read<T, F extends T | undefined>(variable: Variable<T, F>, fallback?: T): T | F {
		return this.readFirst([variable], fallback).value;
	}

	/**
	 * The value of the first variable that has one, and which that is. All of them are looked at, so that an
	 * invalid value is told also where another variable makes up for it.
	 *
	 * @param variables from the most to the least specific
	 * @param fallback in place of their own
	 */
	readFirst<T, F extends T | undefined>(
		variables: readonly Variable<T, F>[],
		fallback?: T
	): { value: T | F; variable?: Variable<T, F> } {
		const looks = variables.map((variable) => ({ variable, ...this.#look(variable) }));
		const used = looks.find(({ value }) => value !== undefined);
		const own = variables[0]!;

		for (const { variable, value, problem, instead } of looks) {
			if (problem === undefined) continue;
			let inForce = fallback === undefined ? fallbackText(own) : describe(fallback);
			if (used) inForce = used.variable === variable ? describe(value) : used.variable.name;
			const isUsed = !used || used.variable === variable;
			this.reject(variable, problem, (isUsed && instead) || `${inForce} is used`);
		}
		return used ? { value: used.value as T, variable: used.variable } : { value: fallback ?? own.fallback };
	}

	/** Tells, once, that a variable's value is not used as it stands. */
	reject({ name, expected }: { name: string; expected: string }, problem: string, instead: string): void {
		this.tell(name, `${name} ${problem}: ${instead}. Expected ${expected}`);
	}

	/** Tells something about a variable, once. */
	tell(name: string, message: string): void {
		if (this.#told.has(name)) return;
		this.#told.add(name);
		this.#tell(message);
	}

	#look<T>(variable: Variable<T>): { value?: T | undefined; problem?: string; instead?: string | undefined } {
		const raw = this.#env[variable.name];
		if (raw === undefined) return {};
		const text = raw.trim();
		if (text === '') return { problem: 'is blank' };

		const result = variable.parse(text);
		const shown = variable.secret ? 'set (its value is not shown)' : (variable.show ?? quote)(text);
		if (result === undefined) return { problem: `is ${shown}` };
		if (!(result instanceof Flaw)) return { value: result };
		return { value: result.value, problem: `is ${shown}, ${result.problem}`, instead: result.instead };
	}
}

/** What is used without the variable, as messages and the documentation say it. */
export const fallbackText = ({ fallback, fallbackText: text }: Variable<unknown>): string =>
	text ?? describe(fallback);

/** Lists are the only values that hold objects: patterns, as they are written in the environment. */
function describe(value: unknown): string {
	if (Array.isArray(value)) return value.map(describe).join(',') || 'none';
	if (typeof value !== 'object') return String(value);
	const { source, flags } = value as { source: string; flags: string };
	return `/${source}/${flags}`;
}

/** A value as messages show it: quoted, on one line, not endless. */
export function quote(text: string): string {
	return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
