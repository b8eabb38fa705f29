import { afterEach, describe, expect, test } from 'vitest';
import { LEAN_SPANS } from '../../src/kit/lean-spans.ts';
import type { KitErrors } from '../../files/types/runtime.ts';
import { rewriteModules } from '../../src/kit/rewrite.ts';

const RUNTIME = Symbol.for('adapter-node-otel');
const holder = globalThis as { [RUNTIME]?: object };

/** `record_span` as the bundlers emit it, up to where they no longer differ. */
const recordSpans = {
	Rolldown: `async function record_span({ name, attributes, fn }) {
	if (otel === null) return fn(noop_span);
	const { SpanStatusCode, tracer } = await otel;
	return tracer.startActiveSpan(name, { attributes }, async (span) => {
		try {
			return await fn(span);
		} catch (error) {
			if (error instanceof HttpError) span.setAttributes({ status: error.status });
			else if (error instanceof Redirect) span.setAttributes({ location: error.location });
			throw error;
		}
	});
}
`,
	Rollup: `async function record_span$1({ name, attributes, fn }) {
  if (otel === null) {
    return fn(noop_span);
  }
  const { SpanStatusCode, tracer } = await otel;
  return tracer.startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await fn(span);
    } catch (error) {
      if (error instanceof HttpError) span.setAttributes({ status: error.status });
      else if (error instanceof Redirect) span.setAttributes({ location: error.location });
      throw error;
    }
  });
}
`
};

/** `propagate_context` likewise. */
const propagateContext = `function propagate_context(fn) {
	return async (req, ...rest) => {
		if (otel === null) return fn(req, ...rest);
		const { propagation, context } = await otel;
		const c = propagation.extract(context.active(), Object.fromEntries(req.headers));
		return context.with(c, async () => {
			return await fn(req, ...rest);
		});
	};
}
`;
const propagateContextOfRollup = propagateContext
	.replaceAll('\t', '  ')
	.replace('return fn(req, ...rest);', '{\n      return fn(req, ...rest);\n    }');

const index = 'server/chunks/index.js';
const rewrite = (...codes: string[]): string | undefined =>
	rewriteModules(new Map([[index, codes.join('')]]), LEAN_SPANS)?.get(index);

/** Runs what was rewritten, with an API that notes what it is asked. */
function load(code: string, asked: unknown[]): Record<string, (...args: any[]) => any> {
	const otel = Promise.resolve({
		SpanStatusCode: {},
		tracer: {
			startActiveSpan: (name: string, _options: unknown, fn: (span: string) => unknown) => {
				asked.push(name);
				return fn('a span of the tracer');
			}
		},
		propagation: { extract: (_active: unknown, carrier: object) => asked.push(carrier) },
		context: { active: () => 'active', with: (_: unknown, fn: () => unknown) => fn() }
	});
	const names = [...code.matchAll(/^(?:async )?function ([\w$]+)/gm)].map(([, name]) => name);
	const classes = 'class HttpError {} class Redirect {}';
	return new Function(
		'otel',
		'noop_span',
		`${code}; ${classes}; return { ${names.join(', ')}, HttpError, Redirect };`
	)(otel, 'noop');
}

afterEach(() => {
	delete holder[RUNTIME];
});

describe.each(Object.entries(recordSpans))("SvelteKit's spans as %s emits them", (_, recordSpan) => {
	const code = rewrite(recordSpan, propagateContext)!;
	const name = /async function (record_span[\w$]*)/.exec(recordSpan)![1]!;
	const span = { name: 'sveltekit.load', attributes: { a: 1 }, fn: (given: unknown) => given };

	test('are ours, made once for each server, and know its errors', async () => {
		const made: KitErrors[] = [];
		holder[RUNTIME] = {
			recordSpans: (errors: KitErrors) => {
				made.push(errors);
				return async (options: unknown) => options;
			}
		};
		const asked: unknown[] = [];
		const { HttpError, Redirect, ...functions } = load(code, asked) as any;
		expect(await functions[name](span)).toEqual(span);
		expect(await functions[name](span)).toEqual(span);
		expect(asked).toEqual([]);
		expect(made).toHaveLength(1);
		expect([new HttpError(), new Redirect(), new Error()].map(made[0]!.isHttpError)).toEqual([
			true,
			false,
			false
		]);
		expect([new HttpError(), new Redirect(), new Error()].map(made[0]!.isRedirect)).toEqual([
			false,
			true,
			false
		]);
	});

	test.each([
		['tracing is not ours', {}],
		['there is no telemetry at all', undefined]
	])('are asked of the tracer when %s', async (_title, runtime) => {
		if (runtime) holder[RUNTIME] = runtime;
		const asked: unknown[] = [];
		expect(await load(code, asked)[name]!(span)).toBe('a span of the tracer');
		expect(asked).toEqual(['sveltekit.load']);
	});
});

describe.each([
	['Rolldown', propagateContext],
	['Rollup', propagateContextOfRollup]
])("SvelteKit's requests as %s emits them", (_, propagation) => {
	const headers = new Headers({ accept: '*/*' });
	const respond = (asked: unknown[]): unknown =>
		load(rewrite(recordSpans.Rolldown, propagation)!, asked)['propagate_context']!(
			(...args: unknown[]) => args
		)({ headers }, 'manifest', 'state');

	test('go through us', async () => {
		holder[RUNTIME] = {
			reach: (fn: (...args: unknown[]) => unknown, ...args: unknown[]) => ['reached', fn(...args)]
		};
		const asked: unknown[] = [];
		expect(await respond(asked)).toEqual(['reached', [{ headers }, 'manifest', 'state']]);
		expect(asked).toEqual([]);
	});

	test.each([
		['tracing that is not ours', {}],
		['no telemetry at all', undefined]
	])('go their own way with %s', async (_title, runtime) => {
		if (runtime) holder[RUNTIME] = runtime;
		const asked: unknown[] = [];
		expect(await respond(asked)).toEqual([{ headers }, 'manifest', 'state']);
		expect(asked).toEqual([{ accept: '*/*' }]);
	});
});

test.each([
	['no record_span', [propagateContext]],
	['two of them', [recordSpans.Rolldown, recordSpans.Rollup, propagateContext]],
	[
		'one that does more before it asks',
		[recordSpans.Rolldown.replace('const {', 'count(); const {'), propagateContext]
	],
	['no extraction', [recordSpans.Rolldown]],
	['two of them', [recordSpans.Rolldown, propagateContext, propagateContext]]
])('nothing is touched with %s', (_, codes) => {
	expect(rewrite(...codes)).toBeUndefined();
});
