import { readFileSync } from 'node:fs';
import { type ConfigurationModel, parseConfigFile } from '@opentelemetry/configuration';
import { LineCounter, parseDocument } from 'yaml';
import type { LogLevel } from '../../diagnostics/log.ts';
import type { SdkSettings } from '../settings.ts';
import { toLogLevel, toSettings } from './model.ts';
import { Problems } from './problems.ts';
import { validate } from './validate-schema.ts';

/*
 * Declarative configuration (https://opentelemetry.io/docs/specs/otel/configuration/#declarative-configuration).
 * Upstream reads, substitutes and validates the file; our own parts are made of what it says. A chunk of its
 * own: the YAML parser is larger than all the rest.
 */

/** What a configuration file says. */
export interface FileSettings {
	/** Undefined where the file switches telemetry off. */
	sdk?: SdkSettings;
	logLevel?: LogLevel;
	/** What the file asks for and does not get, by the path of the setting. */
	problems: readonly string[];
	/** The text, for which variables it names. */
	text: string;
}

/** An error message is cut there: the validator has one for each branch of the schema. */
const LONGEST_MESSAGE = 300;

/**
 * Reads a configuration file.
 *
 * @param path of the file
 * @param serviceName of the environment
 * @throws {Error} when it cannot be used at all; the message follows the name of the file
 */
export function readConfigFile(path: string, serviceName: string | undefined): FileSettings {
	const text = readText(path);
	const model = parse(path, text);
	const logLevel = toLogLevel(model.log_level);
	const problems = new Problems();
	for (const each of validate.unknown) problems.add(each, 'is unknown');
	return {
		...(!model.disabled && { sdk: toSettings(model, serviceName, problems) }),
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

function parse(path: string, text: string): ConfigurationModel {
	// upstream takes what it can get of a malformed file
	const lineCounter = new LineCounter();
	const [malformed] = parseDocument(text, { lineCounter, prettyErrors: false }).errors;
	if (malformed) {
		// its message may quote the file, and that may hold a key
		const { line, col } = lineCounter.linePos(malformed.pos[0]);
		throw new Error(`which is malformed YAML (${malformed.code} in line ${line}, column ${col})`);
	}
	try {
		return parseConfigFile(path);
	} catch (error) {
		const message = (error as Error).message
			.replace('Invalid OpenTelemetry config file: ', '')
			.replace(`${path}: `, '')
			// what stands in a substitution may be a default, and that a key
			.replace(/\$\{.*/s, '${…}')
			.replace(/\s+/g, ' ')
			.trim();
		throw new Error(`which is not valid (${message.slice(0, LONGEST_MESSAGE)})`, { cause: error });
	}
}
