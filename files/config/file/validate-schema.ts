import { type OutputUnit, type Schema, Validator } from '@cfworker/json-schema';
import schema from 'virtual:configuration-schema';

/*
 * Replaces the validator of `@opentelemetry/configuration`, which is the same schema compiled to 560 KB of code
 * (see `rollup.config.js`). A test compares the results of both.
 */

/** A validation error in the format of Ajv, which upstream reads. */
interface AjvError {
	instancePath: string;
	message: string;
}

interface Validate {
	(document: unknown): boolean;
	errors?: AjvError[] | null;
	/** Properties that were removed from the last document, because its minor version is newer than the schema. */
	unknown: string[];
}

/** The minor version of the schema. Properties that a newer version added are unknown here. */
const MINOR = 1;

let validator: Validator | undefined;

/** Mirrors the export of the upstream validator, which is CommonJS. */
export const require_validator = (): Validate => validate;

/**
 * Validates a configuration document. If the document has a newer minor version, unknown properties are removed
 * from it, because minor versions only add properties
 * (https://github.com/open-telemetry/opentelemetry-configuration/blob/main/VERSIONING.md).
 */
export const validate: Validate = (document) => {
	validator ??= new Validator(schema as Schema, '2020-12');
	validate.unknown = [];
	for (;;) {
		// the last error is the deepest one
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

/** What the schema expects, without the value. */
function describe({ keyword, error }: OutputUnit): string {
	if (keyword === 'false') return 'is not a known property';
	const [, types] = /Expected (.*)\.$/.exec(error) ?? [];
	if (keyword === 'type' && types) return `must be ${types.replaceAll('"', '')}`;
	return error.replace(/^Instance /, '').replace(/\.$/, '');
}
