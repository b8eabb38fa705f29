import { afterEach, describe, expect, test } from 'vitest';
import { expectedStatusOf, messageOf } from '../../files/kit/kit-errors.ts';
import { PassedExceptions } from '../../files/kit/passed-exceptions.ts';
import { rewriteModules } from '../../src/kit/rewrite.ts';
import { TELL_STORY } from '../../src/kit/story.ts';

const RUNTIME = Symbol.for('adapter-node-otel');
const holder = globalThis as { [RUNTIME]?: object };

afterEach(() => {
	delete holder[RUNTIME];
});

describe('what SvelteKit 2 emits', () => {
	const code = `async function render_response({ branch }) { return branch; }
async function handle_error_and_jsonify$1(event, state, options, error) { return error; }
return { render_response, handle_error_and_jsonify$1 };`;
	const rewritten = rewriteModules(new Map([['index.js', code]]), TELL_STORY)!.get('index.js')!;
	const run = () => new Function(rewritten)() as Record<string, (...args: unknown[]) => Promise<unknown>>;

	test('is what it was where telemetry is off', async () => {
		const { render_response, handle_error_and_jsonify$1 } = run();
		expect(await render_response!({ branch: 'a' })).toBe('a');
		expect(await handle_error_and_jsonify$1!(1, 2, 3, 'b')).toBe('b');
	});

	test('goes through the runtime where it is on', async () => {
		const asked: unknown[] = [];
		const hook =
			(name: string) =>
			async (fn: (...args: unknown[]) => Promise<unknown>, ...args: unknown[]) => {
				asked.push(name, ...args);
				return `${name} ${String(await fn(...args))}`;
			};
		holder[RUNTIME] = { render: hook('render'), handleError: hook('handleError') };
		const { render_response, handle_error_and_jsonify$1 } = run();
		expect(await render_response!({ branch: 'a' })).toBe('render a');
		expect(await handle_error_and_jsonify$1!(1, 2, 3, 'b')).toBe('handleError b');
		expect(asked).toEqual(['render', { branch: 'a' }, 'handleError', 1, 2, 3, 'b']);
	});

	test('stays as it is unless both are there', () => {
		expect(
			rewriteModules(new Map([['index.js', code.replace('render_response', 'r')]]), TELL_STORY)
		).toBeUndefined();
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

test('an error is new to a request once', () => {
	const exceptions = new PassedExceptions();
	const error = new Error('a');
	expect(
		[error, error, { status: 500, body: { message: 'b' } }, { status: 500, body: { message: 'b' } }].map(
			(each) => exceptions.add(each)
		)
	).toEqual([true, false, true, false]);
});
