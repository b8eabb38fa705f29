import { describe, expect, test } from 'vitest';
import { checkTracingFlag, describeMissingFlag } from '../../src/checks/tracing-flag.ts';

describe('the tracing flag of SvelteKit 2', () => {
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

	test('options in the configuration of Vite are printed in their format', () => {
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
