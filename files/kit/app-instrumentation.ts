import { INSTRUMENTATION_FILE } from '../diagnostics/instrumentation-file.ts';
import { describeError, log } from '../diagnostics/log.ts';
import type { ServerInstrumentation } from '../types/server-instrumentation.d.ts';

type Fields = keyof ServerInstrumentation;

/** The expected type of each field. */
const FIELDS: Record<Fields, { expected: string; valid(value: unknown): boolean }> = {
	instrumentations: {
		expected: 'OpenTelemetry instrumentations',
		valid: (value) => [value].flat(Infinity).every((item) => has(item, ['enable', 'setTracerProvider']))
	},
	spanProcessors: {
		expected: 'an array of span processors',
		valid: (value) =>
			Array.isArray(value) && value.every((item) => has(item, ['onStart', 'onEnd', 'forceFlush', 'shutdown']))
	},
	metricReaders: {
		expected: 'an array of metric readers',
		valid: (value) =>
			Array.isArray(value) && value.every((item) => has(item, ['collect', 'forceFlush', 'shutdown']))
	},
	views: {
		expected: 'an array of views',
		valid: (value) => Array.isArray(value) && value.every((item) => typeof item === 'object' && item !== null)
	},
	sampler: {
		expected: 'a sampler, or a function that returns one',
		valid: (value) => typeof value === 'function' || has(value, ['shouldSample'])
	},
	resourceAttributes: {
		expected: 'an object of strings, numbers and booleans',
		valid: (value) =>
			typeof value === 'object' &&
			value !== null &&
			Object.values(value).every((item) => ['string', 'number', 'boolean'].includes(typeof item))
	},
	requestHook: { expected: 'a function', valid: (value) => typeof value === 'function' },
	responseHook: { expected: 'a function', valid: (value) => typeof value === 'function' }
};

/**
 * Runs the app's `instrumentation.server` file and reads the configuration that it exports, if any: a file
 * that sets up an SDK itself exports none. Never rejects.
 *
 * @param load runs the file, and resolves with its default export
 */
export async function runAppInstrumentation(load: () => Promise<unknown>): Promise<ServerInstrumentation> {
	try {
		const configuration = await load();
		return readConfiguration(typeof configuration === 'function' ? await configuration() : configuration);
	} catch (error) {
		log(
			'error',
			`${INSTRUMENTATION_FILE} has failed (${describeError(error)}): the server runs without it. Fix it there`
		);
		return {};
	}
}

/** Returns the valid fields. Each invalid field is logged. */
function readConfiguration(configuration: unknown): ServerInstrumentation {
	if (configuration === undefined) return {};
	if (typeof configuration !== 'object' || configuration === null) {
		log(
			'warn',
			`the default export of ${INSTRUMENTATION_FILE} is ${configuration === null ? 'null' : `a ${typeof configuration}`}: it is left out. Expected an object, or a function that returns one`
		);
		return {};
	}

	const valid: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(configuration)) {
		if (value === undefined) continue;
		// `constructor` is no field
		const field = Object.hasOwn(FIELDS, name) ? FIELDS[name as Fields] : undefined;
		if (field?.valid(value)) {
			valid[name] = value;
			continue;
		}
		const known = new Intl.ListFormat('en', { type: 'disjunction' }).format(Object.keys(FIELDS));
		log(
			'warn',
			`\`${name}\` of ${INSTRUMENTATION_FILE} is ${field ? 'invalid' : 'unknown'}: it is left out. Expected ${field?.expected ?? known}`
		);
	}
	return valid;
}

function has(value: unknown, methods: string[]): boolean {
	return (
		typeof value === 'object' &&
		value !== null &&
		methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function')
	);
}
