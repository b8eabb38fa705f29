/**
 * A validation error for a value that is invalid, or partly invalid. If {@link Variable.parse} returns plain
 * `undefined` instead, the message only says that the value is not what was expected.
 */
export class ValidationError<T> {
	/** Follows the value in the message: `of which "foo" is unknown`. */
	readonly problem: string;
	/** The valid part, which is used; undefined if there is none. */
	readonly value: T | undefined;
	/** How the message describes the valid part: `the other pairs are used`. */
	readonly instead: string | undefined;

	constructor(problem: string, value?: T, instead?: string) {
		this.problem = problem;
		this.value = value;
		this.instead = instead;
	}
}

/** An environment variable: how its text is parsed, and how an invalid value is reported. */
export interface Variable<T, F extends T | undefined = T | undefined> {
	/** The name of the environment variable. */
	name: string;
	/** A description of valid values, for messages and for the documentation. */
	expected: string;
	/** The default for a variable that is unset or invalid. */
	fallback: F;
	/** How messages describe the default, if not by its value. */
	fallbackText?: string;
	/** Whether the value must not be logged. */
	secret?: boolean;
	/** Parses a text, which is trimmed and not blank. Never throws. */
	parse(text: string): T | ValidationError<T> | undefined;
	/** Formats an invalid value for a message. Default: quoted and truncated. */
	show?(text: string): string;
	/** Writes a value as a text that is parsed to it, for a message. Default, and for undefined: {@link describe}. */
	write?(value: T): string | undefined;
}

/** Reads variables, and logs each invalid value once, in one line. */
export class Environment {
	readonly #env: NodeJS.ProcessEnv;
	readonly #write: (message: string) => void;
	readonly #logged = new Set<string>();

	/**
	 * @param env the process environment
	 * @param write logs one line
	 */
	constructor(env: NodeJS.ProcessEnv, write: (message: string) => void) {
		this.#env = env;
		this.#write = write;
	}

	/** Whether a variable is set and not blank. */
	has({ name }: { name: string }): boolean {
		return Boolean(this.#env[name]?.trim());
	}

	/**
	 * The value of the variable, or the default if it is unset, blank or invalid; blank and invalid values are
	 * logged.
	 *
	 * @param variable the variable
	 * @param fallback replaces the default of the variable: an option of the build
	 */
	read<T, F extends T | undefined>(variable: Variable<T, F>, fallback?: T): T | F {
		return this.readFirst([variable], fallback).value;
	}

	/**
	 * The value of the first variable that has one, and that variable. All variables are parsed, so that an invalid
	 * value is logged even if another variable has a valid one.
	 *
	 * @param variables from the most to the least specific
	 * @param fallback replaces their defaults
	 */
	readFirst<T, F extends T | undefined>(
		variables: readonly Variable<T, F>[],
		fallback?: T
	): { value: T | F; variable?: Variable<T, F> } {
		const results = variables.map((variable) => ({ variable, ...this.#parse(variable) }));
		const used = results.find(({ value }) => value !== undefined);
		const own = variables[0]!;

		for (const { variable, value, problem, instead } of results) {
			if (problem === undefined) continue;
			const write = (valid: T): string => own.write?.(valid) ?? describe(valid);
			let effective = fallback === undefined ? fallbackText(own) : write(fallback);
			if (used) effective = used.variable === variable ? write(value as T) : used.variable.name;
			const isUsed = !used || used.variable === variable;
			this.reject(variable, problem, (isUsed && instead) || `${effective} is used`);
		}
		return used ? { value: used.value as T, variable: used.variable } : { value: fallback ?? own.fallback };
	}

	/** Logs, once, that the value of a variable is not used, or not all of it. */
	reject({ name, expected }: { name: string; expected: string }, problem: string, instead: string): void {
		this.log(name, `${name} ${problem}: ${instead}. Expected ${expected}`);
	}

	/** Logs a message about a variable, once. */
	log(name: string, message: string): void {
		if (this.#logged.has(name)) return;
		this.#logged.add(name);
		this.#write(message);
	}

	#parse<T>(variable: Variable<T>): {
		value?: T | undefined;
		problem?: string;
		instead?: string | undefined;
	} {
		const raw = this.#env[variable.name];
		if (raw === undefined) return {};
		const text = raw.trim();
		if (text === '') return { problem: 'is blank' };

		const result = variable.parse(text);
		const shown = variable.secret ? 'set (its value is not shown)' : (variable.show ?? quote)(text);
		if (result === undefined) return { problem: `is ${shown}` };
		if (!(result instanceof ValidationError)) return { value: result };
		return { value: result.value, problem: `is ${shown}, ${result.problem}`, instead: result.instead };
	}
}

/** The default of a variable, as messages and the documentation show it. */
export const fallbackText = ({ fallback, fallbackText: text }: Variable<unknown>): string =>
	text ?? describe(fallback);

/** A value as it is written in the environment. Objects are regular expressions, or ratios of patterns. */
function describe(value: unknown): string {
	if (Array.isArray(value)) return value.map(describe).join(',') || 'none';
	if (typeof value !== 'object') return String(value);
	const { source, flags } = value as { source?: unknown; flags?: unknown };
	// a pattern can be called `source`, but a ratio is a number
	if (typeof source === 'string') return `/${source}/${String(flags)}`;
	return describe(Object.entries(value!).map((pair) => pair.join(':')));
}

/** A value for a message: quoted, on one line, with limited length. */
export function quote(text: string): string {
	return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
