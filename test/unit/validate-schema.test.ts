import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { validate } from '../../files/config/file/validate-schema.ts';

type Upstream = ((document: unknown) => boolean) & { errors: { instancePath: string }[] };

/** Upstream's compiled validator, imported around the alias that replaces it. */
const upstream = ((): Upstream => {
	const file = new URL(
		'../../node_modules/@opentelemetry/configuration/dist/generated/validator.mjs',
		import.meta.url
	);
	const [, body] = /__commonJSMin\(\(\(exports, module\) => \{([^]*)\n\}\)\);/.exec(
		readFileSync(file, 'utf8')
	)!;
	const module = { exports: undefined as unknown };
	runInNewContext(`((exports, module, require) => {${body}})`)({}, module, () => ({
		// of Ajv's run time it needs how long a string is, and whether two values are equal
		default: (a: unknown, b: unknown) => (b === undefined ? [...String(a)].length : Object.is(a, b))
	}));
	return module.exports as Upstream;
})();

const exporter = { otlp_http: { endpoint: 'http://localhost:4318/v1/traces' } };
const batch = { batch: { exporter } };

const DOCUMENTS: [string, unknown][] = [
	['the smallest', {}],
	['no object', 7],
	['null', null],
	['disabled', { disabled: true }],
	['disabled as text', { disabled: 'true' }],
	['a level', { log_level: 'warn2' }],
	['an unknown level', { log_level: 'loud' }],
	['processors', { tracer_provider: { processors: [batch] } }],
	['no processors', { tracer_provider: {} }],
	['an empty list of processors', { tracer_provider: { processors: [] } }],
	['a provider that is a text', { tracer_provider: 'x' }],
	[
		'two exporters in one place',
		{ tracer_provider: { processors: [{ batch: { exporter: { ...exporter, console: {} } } }] } }
	],
	[
		'a number as endpoint',
		{ tracer_provider: { processors: [{ batch: { exporter: { otlp_http: { endpoint: 5 } } } }] } }
	],
	[
		'an unknown property',
		{ tracer_provider: { processors: [{ batch: { exporter: { otlp_http: { nope: 5 } } } }] } }
	],
	['an unknown property at the top', { nope: 5 }],
	[
		'a ratio',
		{ tracer_provider: { processors: [batch], sampler: { trace_id_ratio_based: { ratio: 0.1 } } } }
	],
	[
		'a ratio above 1',
		{ tracer_provider: { processors: [batch], sampler: { trace_id_ratio_based: { ratio: 2 } } } }
	],
	['a negative limit', { attribute_limits: { attribute_count_limit: -1 } }],
	['a limit that is null', { attribute_limits: { attribute_count_limit: null } }],
	['a fraction as limit', { attribute_limits: { attribute_count_limit: 1.5 } }],
	['attributes', { resource: { attributes: [{ name: 'a', value: ['b'], type: 'string_array' }] } }],
	['an attribute without a name', { resource: { attributes: [{ value: 'b' }] } }],
	[
		'an attribute of an unknown type',
		{ resource: { attributes: [{ name: 'a', value: 'b', type: 'text' }] } }
	],
	['meters', { meter_provider: { readers: [{ periodic: { interval: 1000, exporter: { console: {} } } }] } }],
	['a reader without exporter', { meter_provider: { readers: [{ periodic: {} }] } }],
	['loggers', { logger_provider: { processors: [{ batch: { exporter: { console: {} } } }] } }],
	['a composite', { propagator: { composite: [{ b3: null }, { tracecontext: {} }] } }],
	['a composite of texts', { propagator: { composite: ['b3'] } }]
];

describe('the validator of configuration files', () => {
	test.each(DOCUMENTS)('has the same result for %s as upstream', (_, document) => {
		const versioned =
			typeof document === 'object' && document ? { file_format: '1.0', ...document } : document;
		const isValid = upstream(structuredClone(versioned));
		expect(validate(structuredClone(versioned))).toBe(isValid);
	});

	test('accepts valid documents and rejects invalid ones', () => {
		const verdicts = DOCUMENTS.map(([, document]) =>
			validate({ file_format: '1.0', ...(document as object) })
		);
		expect(new Set(verdicts)).toEqual(new Set([true, false]));
	});

	test('ignores settings that a newer minor version has added', () => {
		const document = {
			file_format: '1.2',
			tracer_provider: { processors: [batch], fancy: { a: 1 } },
			resource: {
				attributes: [
					{ name: 'a', value: 'b' },
					{ name: 'c', value: 'd', unit: 's' }
				]
			}
		};
		expect(validate(document)).toBe(true);
		expect(document).toEqual({
			file_format: '1.2',
			tracer_provider: { processors: [batch] },
			resource: {
				attributes: [
					{ name: 'a', value: 'b' },
					{ name: 'c', value: 'd' }
				]
			}
		});
		expect(validate.unknown.sort()).toEqual(['resource.attributes.1.unit', 'tracer_provider.fancy']);
	});

	test('ignores a part of a newer document that has another format', () => {
		expect(validate({ file_format: '1.2', tracer_provider: { processors: 'none' } })).toBe(true);
		expect(validate.unknown).toEqual(['tracer_provider.processors', 'tracer_provider']);
	});
});
