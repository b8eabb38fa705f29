import { afterEach, describe, expect, test } from 'vitest';
import { expectedStatusOf, messageOf } from '../../files/kit/kit-errors.ts';
import { PassedExceptions } from '../../files/kit/passed-exceptions.ts';
import { rewriteModules } from '../../src/kit/rewrite.ts';
import { REMOTE_CALLS, RENDERING_AND_ERRORS } from '../../src/kit/wrap-functions.ts';

const RUNTIME = Symbol.for('adapter-node-otel');
const holder = globalThis as { [RUNTIME]?: object };

afterEach(() => {
	delete holder[RUNTIME];
});

describe('what SvelteKit 2 emits', () => {
	const KINDS: Record<string, string> = {
		Rolldown: `async function render_response({ branch, fetched }) { return branch; }
async function handle_error_and_jsonify$1(event, state, options, error) {
	if (error instanceof Date) return {
		message: "Unknown Error",
		...error.body
	};
	return error;
}
return { render: render_response, handle: handle_error_and_jsonify$1 };`,
		Rollup: `async function render_response({
  branch,
  fetched
}) {
  return branch;
}
async function handle_error_and_jsonify(event, state, options, error) {
  if (error instanceof Date) {
    return { message: "Unknown Error", ...error.body };
  }
  return error;
}
return { render: render_response, handle: handle_error_and_jsonify };`,
		'Rollup, of SvelteKit 2.31': `async function render_response({
  branch,
  fetched
}) {
  return branch;
}
async function handle_error_and_jsonify(event, state, options2, error2) {
  if (error2 instanceof Date) {
    return error2.body;
  }
  return error2;
}
return { render: render_response, handle: handle_error_and_jsonify };`,
		esbuild:
			'async function $a({branch:e,fetched:t}){return e}async function $b(e,t,n,r){return r instanceof Date?{message:"Unknown Error",...r.body}:r}return{render:$a,handle:$b};',
		Oxc: 'async function a({branch:e,fetched:t}){return e}async function b(e,t,n,r){if(r instanceof Date)return{message:`Unknown Error`,...r.body};return r}return{render:a,handle:b};'
	};
	type Emitted = Record<'render' | 'handle', (...args: unknown[]) => Promise<unknown>>;
	const run = (code: string): Emitted => {
		const rewritten = rewriteModules(new Map([['index.js', code]]), RENDERING_AND_ERRORS)?.get('index.js');
		return new Function(rewritten!)() as Emitted;
	};

	test.each(Object.entries(KINDS))('by %s is unchanged if telemetry is off', async (_, code) => {
		const { render, handle } = run(code);
		expect(await render({ branch: 'a' })).toBe('a');
		expect(await handle(1, 2, 3, 'b')).toBe('b');
	});

	test.each(Object.entries(KINDS))('by %s calls the runtime if it is on', async (_, code) => {
		const asked: unknown[] = [];
		const hook =
			(name: string) =>
			async (fn: (...args: unknown[]) => Promise<unknown>, ...args: unknown[]) => {
				asked.push(name, ...args);
				return `${name} ${String(await fn(...args))}`;
			};
		holder[RUNTIME] = { render: hook('render'), handleError: hook('handleError') };
		const { render, handle } = run(code);
		expect(await render({ branch: 'a' })).toBe('render a');
		expect(await handle(1, 2, 3, 'b')).toBe('handleError b');
		expect(asked).toEqual(['render', { branch: 'a' }, 'handleError', 1, 2, 3, 'b']);
	});

	test.each([
		'async function get_response(info, arg, state, get_result) {\n\tawait 0;\n\tconst cache = get_cache(info, state);\n\treturn cache[arg] ??= get_result();\n}\nconst get_cache = () => ({});\nreturn get_response;',
		'async function g(e,t,n,r){await 0;let i=h(e,n);return n.is_in_remote_query||(n.x={}),i[t]??=r()}const h=()=>({});return g;'
	])('runs the queries that the server calls through the runtime: %s', async (code) => {
		const rewritten = rewriteModules(new Map([['index.js', code]]), [REMOTE_CALLS])!.get('index.js')!;
		const respond = new Function(rewritten)() as (...args: unknown[]) => Promise<unknown>;
		expect(await respond({}, 'a', {}, () => 1)).toBe(1);
		holder[RUNTIME] = {
			callRemote: async (fn: typeof respond, ...args: unknown[]) => [await fn(...args), args[1]]
		};
		expect(await respond({}, 'a', {}, () => 1)).toEqual([1, 'a']);
	});

	test('is not changed unless both are found', () => {
		const code = KINDS['Oxc']!.replace('branch', 'other');
		expect(rewriteModules(new Map([['index.js', code]]), RENDERING_AND_ERRORS)).toBeUndefined();
	});
});

test.each([
	[{ status: 404, body: { message: 'Not here' } }, 404, 'Not here'],
	[{ status: 503, body: { message: 'Later' } }, undefined, 'Later'],
	[
		Object.assign(new Error('Validation failed'), { issues: [], remote: undefined }),
		400,
		'Validation failed'
	],
	[Object.assign(new Error('of another library'), { issues: [] }), undefined, 'of another library'],
	[new Error('unexpected'), undefined, 'unexpected'],
	['text', undefined, 'text'],
	[null, undefined, undefined]
])('%j is expected with %s and says %s', (error, status, message) => {
	expect(expectedStatusOf(error)).toBe(status);
	expect(messageOf(error)).toBe(message);
});

test('an error is new to a request only once, also if its stack is rewritten', () => {
	const exceptions = new PassedExceptions();
	const error = new Error('a');
	const rewritten = new Error('c');
	expect(exceptions.add(rewritten)).toBe(true);
	rewritten.stack = 'mapped';
	expect(exceptions.add(rewritten)).toBe(false);
	expect(
		[error, error, { status: 500, body: { message: 'b' } }, { status: 500, body: { message: 'b' } }].map(
			(each) => exceptions.add(each)
		)
	).toEqual([true, false, true, false]);
});
