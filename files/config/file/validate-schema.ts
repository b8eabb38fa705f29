import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema';
import schema from 'virtual:configuration-schema';

/*
 * Takes the place of the validator that `@opentelemetry/configuration` brings, which is the same schema compiled
 * to 560 KB of code (see `rollup.config.js`). A test holds the verdicts of the two against each other.
 */

/** An error in the form of Ajv, as upstream reads it. */
interface ValidationError {
	instancePath: string;
	message: string;
}

interface Validate {
	(document: unknown): boolean;
	errors?: ValidationError[] | null;
	/** What was left out of the last document, because its minor version is newer than the schema. */
	unknown: string[];
}

/** The minor version of the schema: what a newer one adds is unknown here. */
const MINOR = 1;

let validator: Validator | undefined;

/** Mirrors the export of upstream's validator, which is CommonJS. */
export const require_validator = (): Validate => validate;

/**
 * Validates a configuration document. Of one with a newer minor version it takes out what is unknown, for
 * minor versions only add (https://github.com/open-telemetry/opentelemetry-configuration/blob/main/VERSIONING.md).
 */
export const validate: Validate = (document) => {
	validator ??= new Validator(schema as Schema, '2020-12');
	validate.unknown = [];
	for (;;) {
		// the last of them is the deepest
		const error = validator.validate(document).errors.at(-1);
		if (!error) return true;
		const path = pathOf(error);
		if (path.length > 0 && isNewerMinor(document)) {
			remove(document, path);
			validate.unknown.push(path.join('.'));
			continue;
		}
		validate.errors = [{ instancePath: `/${path.join('/')}`, message: describe(error) }];
		return false;
	}
};
validate.unknown = [];

function isNewerMinor(document: unknown): boolean {
	const { file_format: format } = document as { file_format?: unknown };
	return Number(/^1\.(\d+)/.exec(String(format))?.[1]) > MINOR;
}

const pathOf = ({ instanceLocation }: OutputUnit): string[] =>
	instanceLocation
		.split('/')
		.slice(1)
		.map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));

function remove(document: unknown, path: readonly string[]): void {
	const parent = path.slice(0, -1).reduce((value, key) => (value as Record<string, unknown>)[key], document);
	const key = path.at(-1)!;
	if (Array.isArray(parent)) parent.splice(Number(key), 1);
	else delete (parent as Record<string, unknown>)[key];
}

/** What has to be there instead, without the value. */
function describe({ keyword, error }: OutputUnit): string {
	if (keyword === 'false') return 'is not a known property';
	const [, types] = /Expected (.*)\.$/.exec(error) ?? [];
	if (keyword === 'type' && types) return `must be ${types.replaceAll('"', '')}`;
	return error.replace(/^Instance /, '').replace(/\.$/, '');
}
