import { readFileSync } from 'node:fs';
import { type ConfigurationModel, parseConfigFile } from '@opentelemetry/configuration';
import { YAMLException } from 'js-yaml';
import type { LogLevel } from '../../diagnostics/log.ts';
import type { SdkSettings } from '../settings.ts';
import { toLogLevel, toSettings } from './model.ts';
import { Problems } from './problems.ts';
import { validate } from './validate-schema.ts';

/*
 * Declarative configuration (https://opentelemetry.io/docs/specs/otel/configuration/#declarative-configuration).
 * Upstream reads, substitutes and validates the file; this package creates its own components from the result.
 * This is a separate chunk, because few processes need the YAML parser.
 */

/** The content of a configuration file. */
export interface FileSettings {
	/** Undefined if the file disables telemetry. */
	sdk?: SdkSettings;
	logLevel?: LogLevel;
	/** The settings of the file that are not supported, by path. */
	problems: readonly string[];
	/** The text of the file, to find the variables that it references. */
	text: string;
}

/** Maximum length of an error message: the validator reports an error for each branch of the schema. */
const MAX_MESSAGE_LENGTH = 300;

/**
 * Reads a configuration file.
 *
 * @param path the path of the file
 * @param serviceName the service name of the environment
 * @throws {Error} if the file cannot be used; its message is appended to the name of the file
 */
export async function readConfigFile(path: string, serviceName: string | undefined): Promise<FileSettings> {
	const text = readText(path);
	const model = parse(path);
	const logLevel = toLogLevel(model.log_level);
	const problems = new Problems();
	for (const each of validate.unknown) problems.add(each, 'is unknown');
	return {
		...(!model.disabled && { sdk: await toSettings(model, serviceName, problems) }),
		...(logLevel && { logLevel }),
		problems: problems.list,
		text
	};
}

function readText(path: string): string {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		throw new Error(`which cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error });
	}
}

function parse(path: string): ConfigurationModel {
	try {
		return parseConfigFile(path);
	} catch (error) {
		if (error instanceof YAMLException) throw malformed(error);
		const message = (error as Error).message
			.replace('Invalid OpenTelemetry config file: ', '')
			.replace(`${path}: `, '')
			// a substitution may contain a default value, which may be a secret
			.replace(/\$\{.*/s, '${…}')
			.replace(/\s+/g, ' ')
			.trim();
		throw new Error(`which is not valid (${message.slice(0, MAX_MESSAGE_LENGTH)})`, { cause: error });
	}
}

/** The message of the parser quotes the file, and a few reasons do, too. The file may contain a secret. */
function malformed(error: YAMLException): Error {
	const { line, column } = error.mark!;
	const reason = error.reason.replace(/(?:: | ?").*/s, '');
	return new Error(`which is malformed YAML (${reason} in line ${line + 1}, column ${column + 1})`, {
		cause: error
	});
}
