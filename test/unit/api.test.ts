import { init } from 'es-module-lexer';
import { beforeAll, describe, expect, test } from 'vitest';
import { pointAt, specifierFrom } from '../../src/api/share-api.ts';

beforeAll(() => init);

describe('imports of the API', () => {
	test.each([
		['index.js', './otel/api.js'],
		['server/index.js', '../otel/api.js'],
		['server/chunks/instance.js', '../../otel/api.js'],
		['server\\chunks\\instance.js', '../../otel/api.js']
	])('are pointed from %s at %s', (file, specifier) => {
		expect(specifierFrom(file)).toBe(specifier);
	});

	test.each([
		['import { trace } from "@opentelemetry/api";', 'import { trace } from "../otel/api.js";'],
		["import * as api from '@opentelemetry/api';", "import * as api from '../otel/api.js';"],
		['export * from "@opentelemetry/api";', 'export * from "../otel/api.js";'],
		['if (on) init(import("@opentelemetry/api"));', 'if (on) init(import("../otel/api.js"));'],
		[
			"const { trace } = await import('@opentelemetry/api');",
			"const { trace } = await import('../otel/api.js');"
		],
		[
			'import a from "@opentelemetry/api"; import b from "b"; import("@opentelemetry/api");',
			'import a from "../otel/api.js"; import b from "b"; import("../otel/api.js");'
		]
	])('%j is pointed at the shared copy', (code, shared) => {
		expect(pointAt(code, '../otel/api.js')).toBe(shared);
	});

	test.each([
		'import { logs } from "@opentelemetry/api-logs";',
		'import x from "@opentelemetry/api/experimental";',
		'console.log("@opentelemetry/api");',
		'// import "@opentelemetry/api"',
		'import(`${"@opentelemetry"}/api`);'
	])('%j is not an import of the API and does not change', (code) => {
		expect(pointAt(code, '../otel/api.js')).toBe(code);
	});
});
