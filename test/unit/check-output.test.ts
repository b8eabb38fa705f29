import { describe, expect, test } from 'vitest';
import { checkOutput, checkWrappers } from '../../src/checks/output.ts';

const server = [
	'if (globalThis[Symbol.for("adapter-node-otel")]?.enabled ?? false) init_tracing(import("@opentelemetry/api"));',
	'tracer: module.trace.getTracer("sveltekit"),',
	"name: 'sveltekit.handle.root',"
];
const minified = [
	'(globalThis[Symbol.for(`adapter-node-otel`)]?.enabled??!1)&&r(import(`@opentelemetry/api`));({tracer:e.trace.getTracer(`sveltekit`)});n({name:`sveltekit.handle.root`})'
];
const check = (codes: readonly string[], more: object = {}): string | undefined =>
	checkOutput({ generation: 3, version: '3.9.0', codes, missing: [], isWrapped: true, ...more });

test.each([
	['in modules', server],
	['minified', minified]
])('nothing is logged for a server that has everything, %s', (_, codes) => {
	expect(check(codes)).toBeUndefined();
});

describe('one line names what is missing, and the effect', () => {
	const without = (text: string): string[] => server.map((code) => code.replaceAll(text, 'renamed'));

	test.each([
		['.enabled', true, '`event.tracing.enabled` does not follow'],
		['.enabled', false, '`__SVELTEKIT_SERVER_TRACING_ENABLED__`): no request is traced'],
		['"sveltekit"', true, 'its tracer (`sveltekit`): spans that SvelteKit makes in another way'],
		['"sveltekit"', false, 'its tracer (`sveltekit`): no request is traced'],
		['sveltekit.handle.root', true, 'its root span (`sveltekit.handle.root`): SERVER spans have no route']
	])('%s, with our modules in front: %s', (text, isWrapped, said) => {
		const message = check(without(text), { isWrapped });
		expect(message).toMatch(
			/^SvelteKit 3\.9\.0 differs from the versions that this adapter-node-otel supports/
		);
		expect(message).toContain(said);
		expect(message).not.toContain('\n');
	});

	test('the remedy is the newest tested release, if a newer one is installed', () => {
		const codes = without('sveltekit.handle.root');
		expect(check(codes)).toMatch(
			/SERVER spans have no route\. Install the newest that is tested: \S+ \S+ -D @sveltejs\/kit@3\.2\.0\. Please report it/
		);
		expect(check(codes, { version: '3.2.0' })).toMatch(/SERVER spans have no route\. Please report it/);
	});

	test('a module of ours that cannot wrap SvelteKit’s', () => {
		const missing = [
			{ names: ['otel in telemetry.js', 'record_span in telemetry.js'], cost: 'each request costs more' },
			{ names: ['render_response in render.js'], cost: 'rendering has no span' }
		];
		expect(check(server, { missing, isWrapped: false })).toContain(
			'`otel in telemetry.js`, `record_span in telemetry.js`: each request costs more; `render_response in render.js`: rendering has no span. '
		);
	});
});

test('one line names the modules of SvelteKit that are not wrapped, and the effect', () => {
	expect(checkWrappers([])).toBeUndefined();
	expect(
		checkWrappers([{ names: ['src/runtime/server/respond.js'], cost: 'each request costs more' }])
	).toMatch(
		/another Vite plugin or an alias .+: `src\/runtime\/server\/respond\.js`: each request costs more\. Exclude [^\n]+$/
	);
});
