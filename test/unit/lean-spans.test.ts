import { afterEach, describe, expect, test } from 'vitest';
import { LEAN_SPANS } from '../../src/kit/lean-spans.ts';
import { rewriteModules } from '../../src/kit/rewrite.ts';

const RUNTIME = Symbol.for('adapter-node-otel');
const holder = globalThis as { [RUNTIME]?: object };

/** `record_span` as the bundlers emit it, up to where they no longer differ. */
const recordSpans = {
	Rolldown: `async function record_span({ name, attributes, fn }) {
	if (otel === null) return fn(noop_span);
	const { SpanStatusCode, tracer } = await otel;
	return tracer.startActiveSpan(name, { attributes }, async (span) => fn(span));
}
`,
	Rollup: `async function record_span$1({ name, attributes, fn }) {
  if (otel === null) {
    return fn(noop_span);
  }
  const { SpanStatusCode, tracer } = await otel;
  return tracer.startActiveSpan(name, { attributes }, async (span) => fn(span));
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
function load(code: string, asked: unknown[][]): Record<string, (argument: unknown) => any> {
	const otel = Promise.resolve({
		SpanStatusCode: {},
		tracer: {
			startActiveSpan: (name: string, _options: unknown, fn: (span: string) => unknown) => {
				asked.push(['startActiveSpan', name]);
				return fn('a span of the tracer');
			}
		},
		propagation: {
			extract: (
				...args: [unknown, Headers, { get(h: Headers, k: string): unknown; keys(h: Headers): unknown }]
			) => {
				const [active, carrier, getter] = args;
				asked.push([
					active,
					getter.get(carrier, 'traceparent'),
					getter.get(carrier, 'b3'),
					getter.keys(carrier)
				]);
				return 'extracted';
			}
		},
		context: { active: () => 'active', with: (_: unknown, fn: () => unknown) => fn() }
	});
	const names = [...code.matchAll(/^(?:async )?function ([\w$]+)/gm)].map(([, name]) => name);
	return new Function('otel', 'noop_span', `${code}; return { ${names.join(', ')} };`)(otel, 'noop');
}

afterEach(() => {
	delete holder[RUNTIME];
});

describe.each(Object.entries(recordSpans))("SvelteKit's spans as %s emits them", (_, recordSpan) => {
	const code = rewrite(recordSpan, propagateContext)!;
	const name = /async function (record_span[\w$]*)/.exec(recordSpan)![1]!;
	const span = { name: 'sveltekit.load', attributes: {}, fn: (given: unknown) => given };

	test('are not made below one that goes nowhere', async () => {
		holder[RUNTIME] = { unrecorded: () => 'the SERVER span' };
		const asked: unknown[][] = [];
		expect(await load(code, asked)[name]!(span)).toBe('the SERVER span');
		expect(asked).toEqual([]);
	});

	test.each([
		['the active span is recorded', { unrecorded: () => undefined }],
		['tracing is not ours', {}],
		['there is no telemetry at all', undefined]
	])('are asked of the tracer when %s', async (_title, runtime) => {
		if (runtime) holder[RUNTIME] = runtime;
		const asked: unknown[][] = [];
		expect(await load(code, asked)[name]!(span)).toBe('a span of the tracer');
		expect(asked).toEqual([['startActiveSpan', 'sveltekit.load']]);
	});
});

describe.each([
	['Rolldown', propagateContext],
	['Rollup', propagateContextOfRollup]
])("SvelteKit's propagation as %s emits it", (_, propagation) => {
	const headers = new Headers({ TraceParent: '00-ab-cd-01', accept: '*/*' });
	const respond = (asked: unknown[][]): unknown =>
		load(rewrite(recordSpans.Rolldown, propagation)!, asked)['propagate_context']!(
			(...args: unknown[]) => args
		)({ headers }, 'manifest', 'state');

	test.each([
		['a request from outside', { serves: () => false }],
		['tracing that is not ours', {}],
		['no telemetry at all', undefined]
	])('gives propagators the headers as they are: %s', async (_title, runtime) => {
		if (runtime) holder[RUNTIME] = runtime;
		const asked: unknown[][] = [];
		expect(await respond(asked)).toEqual([{ headers }, 'manifest', 'state']);
		expect(asked).toEqual([['active', '00-ab-cd-01', undefined, ['accept', 'traceparent']]]);
	});

	test('looks for no caller of a request that the app makes to itself', async () => {
		holder[RUNTIME] = { serves: () => true };
		const asked: unknown[][] = [];
		expect(await respond(asked)).toEqual([{ headers }, 'manifest', 'state']);
		expect(asked).toEqual([]);
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
