import { afterEach, describe, expect, test } from 'vitest';
import { LEAN_SPANS } from '../../src/kit/lean-spans.ts';
import type { KitErrors } from '../../files/types/runtime.ts';
import { rewriteModules } from '../../src/kit/rewrite.ts';
import { cutFunction, kit2Places } from './support/kit-2-functions.ts';

const RUNTIME = Symbol.for('adapter-node-otel');
const holder = globalThis as { [RUNTIME]?: object };

const index = 'server/chunks/index.js';
const rewrite = (...codes: string[]): string | undefined =>
	rewriteModules(new Map([[index, codes.join('\n')]]), LEAN_SPANS)?.get(index);

/** Each build with its two functions, whole, so that they can be run. */
const builds = kit2Places.map(([title, { propagateContext, recordSpan }]) => {
	const record = cutFunction(recordSpan, /async function [\w$]+\(\{/);
	const propagate = cutFunction(propagateContext, /function [\w$]+\([\w$]+\) ?\{\s*return async/);
	return { title, record, propagate };
});

/**
 * Runs rewritten functions, with an API that records how it is called. The names of what the functions use are
 * read from their code, because they are minified.
 */
function load(code: string, calls: unknown[]): any {
	const otel = Promise.resolve({
		SpanStatusCode: {},
		tracer: {
			startActiveSpan: (name: string, _options: unknown, fn: (span: object) => unknown) => {
				calls.push(name);
				return fn({ end: () => {} });
			}
		},
		propagation: { extract: (_active: unknown, carrier: object) => calls.push(carrier) },
		context: { active: () => 'active', with: (_: unknown, fn: () => unknown) => fn() }
	});
	const first = (pattern: RegExp): string => pattern.exec(code)![1]!;
	const record = first(/async function ([\w$]+)/);
	const propagate = first(/(?<!async )function ([\w$]+)/);
	const [http, redirect] = [...code.matchAll(/\w instanceof ([\w$]+)/g)].map(([, name]) => name);
	return new Function(
		first(/([\w$]+) ?=== ?null/),
		`${code}; class ${http} {} class ${redirect} {}
		return { record: ${record}, propagate: ${propagate}, HttpError: ${http}, Redirect: ${redirect} };`
	)(otel);
}

afterEach(() => {
	delete holder[RUNTIME];
});

describe.each(builds)('spans of SvelteKit $title', ({ record, propagate }) => {
	const code = rewrite(record, propagate)!;
	const span = { name: 'sveltekit.load', attributes: { a: 1 }, fn: () => 'the result' };

	test('are created by our code, by one function for each server, with its error classes', async () => {
		const made: KitErrors[] = [];
		holder[RUNTIME] = {
			recordSpans: (errors: KitErrors) => {
				made.push(errors);
				return async (options: unknown) => options;
			}
		};
		const calls: unknown[] = [];
		const server = load(code, calls);
		expect(await server.record(span)).toEqual(span);
		expect(await server.record(span)).toEqual(span);
		expect(calls).toEqual([]);
		expect(made).toHaveLength(1);
		const errors = [new server.HttpError(), new server.Redirect(), new Error()];
		expect(errors.map(made[0]!.isHttpError)).toEqual([true, false, false]);
		expect(errors.map(made[0]!.isRedirect)).toEqual([false, true, false]);
	});

	test.each([
		['the tracing is not ours', {}],
		['there is no telemetry', undefined]
	])('are made by the tracer if %s', async (_, runtime) => {
		if (runtime) holder[RUNTIME] = runtime;
		const calls: unknown[] = [];
		expect(await load(code, calls).record(span)).toBe('the result');
		expect(calls).toEqual(['sveltekit.load']);
	});
});

describe.each(builds)('requests of SvelteKit $title', ({ record, propagate }) => {
	const headers = new Headers({ accept: '*/*' });
	const respond = (calls: unknown[]): unknown =>
		load(rewrite(record, propagate)!, calls).propagate((...args: unknown[]) => args)(
			{ headers },
			'manifest',
			'state'
		);

	test('are handled by our code', async () => {
		holder[RUNTIME] = {
			respond: (fn: (...args: unknown[]) => unknown, ...args: unknown[]) => ['handled', fn(...args)]
		};
		const calls: unknown[] = [];
		expect(await respond(calls)).toEqual(['handled', [{ headers }, 'manifest', 'state']]);
		expect(calls).toEqual([]);
	});

	test.each([
		['the tracing is not ours', {}],
		['there is no telemetry', undefined]
	])('are handled by SvelteKit alone if %s', async (_, runtime) => {
		if (runtime) holder[RUNTIME] = runtime;
		const calls: unknown[] = [];
		expect(await respond(calls)).toEqual([{ headers }, 'manifest', 'state']);
		expect(calls).toEqual([{ accept: '*/*' }]);
	});
});

describe.each(builds)('the code of SvelteKit $title does not change', ({ record, propagate }) => {
	test.each([
		['without record_span', [propagate]],
		['with two of them', [record, record, propagate]],
		['if it does more before it gets the tracer', [record.replace(/\) ?\{/, '$& count();'), propagate]],
		['without the extraction of the context', [record]],
		['with two extractions', [record, propagate, propagate]]
	])('%s', (_, codes) => {
		expect(rewrite(...codes)).toBeUndefined();
	});
});
