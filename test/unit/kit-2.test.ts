import { describe, expect, test } from 'vitest';
import { checkTracingFlag, describeMissingFlag } from '../../src/checks/tracing-flag.ts';
import { SWITCH_TRACING } from '../../src/kit/kit-2.ts';
import { type Modules, rewriteModules } from '../../src/kit/rewrite.ts';

const switchModules = (modules: Modules): Modules | undefined => rewriteModules(modules, SWITCH_TRACING);

/** `runtime/telemetry/otel.js` as the bundlers emit it. */
const tracers = {
	'Rollup, of Vite 5 to 7': `let otel = null;
{
  otel = import('./dist-ceZHWo1n.js').then((module) => {
    return {
      tracer: module.trace.getTracer("sveltekit"),
      propagation: module.propagation,
      context: module.context,
      SpanStatusCode: module.SpanStatusCode
    };
  }).catch(() => {
    throw new Error("no API");
  });
}
`,
	'Rolldown, of Vite 8': `var otel = null;
otel = import("@opentelemetry/api").then((module) => {
	return {
		tracer: module.trace.getTracer("sveltekit"),
		propagation: module.propagation,
		context: module.context,
		SpanStatusCode: module.SpanStatusCode
	};
}).catch(() => {
	throw new Error("no API");
});
`,
	'Rollup, with the API in a chunk of the app': `var otel = null;
otel = import('./entries/pages/_page.server.js-B9_qZqrh.js').then(function (n) { return n.i; }).then((module) => {
	return {
		tracer: module.trace.getTracer("sveltekit"),
		propagation: module.propagation,
		context: module.context,
		SpanStatusCode: module.SpanStatusCode
	};
}).catch(() => {
	throw new Error("no API");
});
`,
	'Rollup, likewise, with arrow functions': `let otel = null;
{
  otel = import('./entries/pages/_page.server.js').then((n) => n.i).then((module) => {
    return {
      tracer: module.trace.getTracer("sveltekit"),
      propagation: module.propagation,
      context: module.context,
      SpanStatusCode: module.SpanStatusCode
    };
  }).catch(() => {
    throw new Error("no API");
  });
}
`
};

const flag = `export const eventOf = (root_span) => ({
	tracing: {
		enabled: true,
		root: root_span,
		current: root_span
	}
});
`;

const index = 'server/chunks/index.js';

describe.each(Object.entries(tracers))('%s', (_, tracer) => {
	test('the tracer and the flag follow the switch, and the API is the one in otel/', () => {
		const switched = switchModules(new Map([[index, tracer + flag]]))?.get(index);
		expect(switched).toContain(
			'if ((globalThis[Symbol.for("adapter-node-otel")]?.enabled ?? true)) otel = import("../../otel/api.js").then((module)'
		);
		expect(switched).toContain('enabled: (globalThis[Symbol.for("adapter-node-otel")]?.enabled ?? true),');
	});

	test('they may lie in different modules', () => {
		const switched = switchModules(
			new Map([
				[index, tracer],
				['server/respond.js', flag],
				['server/other.js', 'export const other = 1;']
			])
		);
		expect([...switched!.keys()]).toEqual([index, 'server/respond.js']);
	});

	test.each([
		['no flag', [tracer]],
		['two flags', [tracer, flag, flag]],
		['no tracer', [flag]],
		['two tracers', [tracer, tracer, flag]],
		['a tracer that gets something else', [tracer.replace('module.context', 'module.metrics'), flag]],
		['a flag that is an expression', [tracer, flag.replace('true', 'isOn')]]
	])('nothing is touched with %s', (_title, codes) => {
		expect(switchModules(new Map(codes.map((code, at) => [`server/${at}.js`, code])))).toBeUndefined();
	});
});

describe('the flag in the configuration', () => {
	const on = { server: true };

	const svelteConfig = { file: 'svelte.config.js', kind: 'svelte' } as const;

	test.each([
		['2.70.4', { tracing: on }],
		['2.33.0', { tracing: on }],
		['2.32.0', { instrumentation: on }],
		['2.31.0', { tracing: on, instrumentation: on }]
	])('SvelteKit %s with %j is fine', (version, experimental) => {
		expect(checkTracingFlag({ version, experimental }, svelteConfig)).toBeUndefined();
	});

	test.each([
		['2.70.4', {}],
		['2.70.4', { instrumentation: on }],
		['2.70.4', { tracing: { server: false } }]
	])('SvelteKit %s with %j needs these lines', (version, experimental) => {
		expect(checkTracingFlag({ version, experimental }, svelteConfig)).toBe(
			`SvelteKit 2.70.4 leaves its tracing out, so this build cannot trace requests. Add to svelte.config.js:

kit: {
  experimental: {
    tracing: { server: true }
  }
}
`
		);
	});

	test('before 2.33 the flag for instrumentation is the one that decides', () => {
		const kit = { version: '2.31.0', experimental: { tracing: on } };
		expect(checkTracingFlag(kit, svelteConfig)).toContain(
			'    tracing: { server: true },\n    instrumentation: { server: true }\n'
		);
		expect(describeMissingFlag(kit, svelteConfig)).toBe(
			'Set kit.experimental.tracing.server and kit.experimental.instrumentation.server in svelte.config.js, and build again'
		);
	});

	test('the options in the configuration of Vite have another form', () => {
		const kit = { version: '2.70.4', experimental: {} };
		const place = { file: 'vite.config.ts', kind: 'vite' } as const;
		expect(checkTracingFlag(kit, place)).toContain(
			'Add to vite.config.ts:\n\nsveltekit({\n  experimental: {\n    tracing: { server: true }\n  }\n})\n'
		);
		expect(describeMissingFlag(kit, place)).toBe(
			'Set experimental.tracing.server of sveltekit() in vite.config.ts, and build again'
		);
	});
});
