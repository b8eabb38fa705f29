/** Reads one environment variable: how its text becomes a value, and what is said when it cannot. */
export interface Variable<T> {
	/** The name in the environment. */
	name: string;
	/** What a valid value looks like, for messages and for the documentation. */
	expected: string;
	/** What is used when the variable is unset or invalid, for messages and for the documentation. */
	fallback: string;
	/** What it does, for the documentation. */
	meaning: string;
	/** An example value, for the documentation. */
	example: string;
	/** Whether its value must never be shown. */
	secret?: boolean;
	/** The value of a text that is not blank, or undefined if the text is invalid. */
	parse(text: string): T | undefined;
	/** Makes an invalid value fit to be shown. Default: quoted and cut. */
	show?(text: string): string;
}

/** Reads variables, and tells each one that cannot be used once, in one line. */
export class Environment {
	readonly #env: NodeJS.ProcessEnv;
	readonly #warn: (message: string) => void;
	readonly #told = new Set<string>();

	/**
	 * @param env the process environment
	 * @param warn tells one line
	 */
	constructor(env: NodeJS.ProcessEnv, warn: (message: string) => void) {
		this.#env = env;
		this.#warn = warn;
	}

	/** Whether a variable is set to something that is not blank. */
	has(variable: Pick<Variable<unknown>, 'name'>): boolean {
		return Boolean(this.#env[variable.name]?.trim());
	}

	/** The variable's value, or undefined where it is unset, blank or invalid; the last two are told. */
	read<T>(variable: Variable<T>): T | undefined {
		const raw = this.#env[variable.name];
		if (raw === undefined) return undefined;

		const text = raw.trim();
		if (text === '') {
			this.reject(variable, 'is blank');
			return undefined;
		}
		const value = variable.parse(text);
		if (value === undefined) {
			this.reject(
				variable,
				`is ${variable.secret ? 'malformed (its value is not shown)' : (variable.show ?? quote)(text)}`
			);
		}
		return value;
	}

	/** Tells, once, that a variable's value is not used as it stands. */
	reject(variable: Variable<unknown>, problem: string, instead = `${variable.fallback} is used`): void {
		this.warn(variable.name, `${variable.name} ${problem}: ${instead}. Expected ${variable.expected}`);
	}

	/** Tells something about a variable, once. */
	warn(name: string, message: string): void {
		if (this.#told.has(name)) return;
		this.#told.add(name);
		this.#warn(message);
	}
}

/** A value as messages show it: quoted, on one line, not endless. */
export function quote(text: string): string {
	return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
