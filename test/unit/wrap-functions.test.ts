import { afterEach, describe, expect, test } from 'vitest';
import { rewriteModules } from '../../src/kit/rewrite.ts';
import { REMOTE_CALLS, RENDERING_AND_ERRORS } from '../../src/kit/wrap-functions.ts';
import { cutFunction } from './support/kit-2-functions.ts';
import chunks from './support/kit-2-rendering.json' with { type: 'json' };

const RUNTIME = Symbol.for('adapter-node-otel');
const holder = globalThis as { [RUNTIME]?: object };

afterEach(() => {
	delete holder[RUNTIME];
});

/*
 * Cut out of what adapter-node has emitted of each SvelteKit, as it is and with `build.minify`: the first statement
 * of `render_response`, and `handle_error_and_jsonify`.
 */
const builds = Object.entries(chunks).map(([title, [render, handle]]) => ({
	title,
	render: cutFunction(render!, /async function/),
	handle: handle!
}));

type Wrapped = Record<'render' | 'handle', (...args: unknown[]) => Promise<unknown>>;

/** Runs the rewritten functions with an error of SvelteKit's. Their names are read from their code. */
function load({ render, handle }: (typeof builds)[number]): Wrapped & { error: object } {
	const rewritten = rewriteModules(new Map([['index.js', `${render}\n${handle}`]]), RENDERING_AND_ERRORS);
	const nameOf = (code: string): string => /async function ([\w$]+)/.exec(code)![1]!;
	const [, httpError] = /instanceof ([\w$]+)/.exec(handle)!;
	return new Function(`${rewritten!.get('index.js')}
		class ${httpError} { body = { message: 'Not here' }; }
		return { render: ${nameOf(render)}, handle: ${nameOf(handle)}, error: new ${httpError}() };`)();
}

describe.each(builds)('rendering and errors of SvelteKit $title', (build) => {
	const page = { state: { prerendering: true }, options: { csp: { mode: 'nonce' } } };

	test('are unchanged if telemetry is off', async () => {
		const { render, handle, error } = load(build);
		await expect(render(page)).rejects.toThrow('Cannot use prerendering');
		expect(await handle(1, 2, 3, error)).toEqual({ message: 'Not here' });
	});

	test('are passed to the runtime if it is on', async () => {
		const calls: unknown[] = [];
		const hook =
			(name: string) =>
			async (fn: (...args: unknown[]) => Promise<unknown>, ...args: unknown[]) => {
				calls.push(name, ...args);
				return [name, await fn(...args)];
			};
		holder[RUNTIME] = { render: hook('render'), handleError: hook('handleError') };
		const { render, handle, error } = load(build);
		await expect(render(page)).rejects.toThrow('Cannot use prerendering');
		expect(await handle(1, 2, 3, error)).toEqual(['handleError', { message: 'Not here' }]);
		expect(calls).toEqual(['render', page, 'handleError', 1, 2, 3, error]);
	});

	test.each([
		['of rendering', ({ render }: typeof build) => [render]],
		['of errors', ({ handle }: typeof build) => [handle]],
		['of rendering, twice', ({ render, handle }: typeof build) => [render, render, handle]]
	])('are not changed in code %s alone', (_, codesOf) => {
		const code = codesOf(build).join('\n');
		expect(rewriteModules(new Map([['index.js', code]]), RENDERING_AND_ERRORS)).toBeUndefined();
	});
});

// from Vite 7, with a SvelteKit between those above
test.each([
	'async function render_response({\n  branch\n}) {}\nasync function handle_error_and_jsonify(event, state, options, error) {\n  if (error instanceof HttpError) {\n    return { message: "Unknown Error", ...error.body };\n  }\n}',
	'async function $a({branch:e}){}async function $b(e,t,n,r){return r instanceof H?{message:"Unknown Error",...r.body}:r}'
])('rendering and errors are found in %j', (code) => {
	expect(rewriteModules(new Map([['index.js', code]]), RENDERING_AND_ERRORS)?.size).toBe(1);
});

test.each([
	'async function get_response(info, arg, state, get_result) {\n\tawait 0;\n\tconst cache = get_cache(info, state);\n\treturn cache[arg] ??= get_result();\n}\nconst get_cache = () => ({});\nreturn get_response;',
	'async function g(e,t,n,r){await 0;let i=h(e,n);return n.is_in_remote_query||(n.x={}),i[t]??=r()}const h=()=>({});return g;'
])('queries that the server itself calls are passed to the runtime: %s', async (code) => {
	const rewritten = rewriteModules(new Map([['index.js', code]]), [REMOTE_CALLS])!.get('index.js')!;
	const respond = new Function(rewritten)() as (...args: unknown[]) => Promise<unknown>;
	expect(await respond({}, 'a', {}, () => 1)).toBe(1);
	holder[RUNTIME] = {
		callRemote: async (fn: typeof respond, ...args: unknown[]) => [await fn(...args), args[1]]
	};
	expect(await respond({}, 'a', {}, () => 1)).toEqual([1, 'a']);
});
