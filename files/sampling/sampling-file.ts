import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { type Environment, ValidationError, type Variable, quote } from '../config/variable.ts';
import { VARIABLES } from '../config/variables.ts';

/** The variables that a sampling file may set, by name. */
const ALLOWED = new Map<string, Variable<unknown>>(
	[
		VARIABLES.sampler,
		VARIABLES.samplerArg,
		VARIABLES.sample,
		VARIABLES.keepErrors,
		VARIABLES.keepSlowerThan
	].map((variable) => [variable.name, variable as Variable<unknown>])
);

/**
 * Reads the file of `OTEL_SVELTEKIT_SAMPLING_FILE`: lines `VARIABLE=value`, as in an `.env` file.
 *
 * @param path the path of the file
 * @throws {Error} if the file cannot be used; its message is appended to the name of the file
 */
export function readSamplingFile(path: string): NodeJS.Dict<string> {
	const text = readText(path);
	const variables = parseEnv(text);
	const names = Object.keys(variables);
	if (names.length === 0 && /^\s*[^#\s]/m.test(text)) throw new Error('which has no line VARIABLE=value');
	for (const name of names) {
		const variable = ALLOWED.get(name);
		const value = variables[name]!.trim();
		if (!variable) throw new Error(`in which ${quote(name)} is not one of ${[...ALLOWED.keys()].join(', ')}`);
		const result = value === '' ? undefined : variable.parse(value);
		if (result === undefined || result instanceof ValidationError)
			throw new Error(`in which ${name} is ${quote(value)}, where ${variable.expected} is expected`);
	}
	return variables;
}

function readText(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		throw new Error(`which cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error });
	}
}

/**
 * The variables of the sampling file, which win over the environment. If the file cannot be used, one line says
 * why.
 *
 * @param env has the path of the file
 */
export function variablesOfFile(env: Environment): NodeJS.Dict<string> {
	const { name, expected } = VARIABLES.samplingFile;
	const path = env.read(VARIABLES.samplingFile)!;
	try {
		return readSamplingFile(path);
	} catch (error) {
		const problem = `is ${quote(path)}, ${(error as Error).message}`;
		env.reject({ name, expected }, problem, 'the environment is used until the file has changed');
		return {};
	}
}
