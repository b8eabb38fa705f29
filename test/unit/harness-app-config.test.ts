import { expect, test } from 'vitest';

import { configFiles, merge } from '../support/app-config.ts';
import { matrix } from '../support/matrix.ts';

test('Kit 3 has one configuration file', () => {
	const files = configFiles(
		{ generation: 3 },
		{
			adapter: 'adapter-node-otel',
			adapterOptions: '{ telemetry: { ignore: [/health/] } }',
			kit: { experimental: { remoteFunctions: true } },
			compilerOptions: { experimental: { async: true } }
		}
	);
	expect(Object.keys(files)).toEqual(['vite.config.js']);
	expect(files['vite.config.js']).toContain(
		'sveltekit({ adapter: adapter({ telemetry: { ignore: [/health/] } }), "experimental": {"remoteFunctions":true}, "compilerOptions": {"experimental":{"async":true}} })'
	);
});

test('Kit 2 has two, with the tracing flag for our adapter only', () => {
	const kit = { experimental: { remoteFunctions: true } };
	const ours = configFiles(
		{ generation: 2 },
		{ adapter: 'adapter-node-otel', adapterOptions: { out: 'x' }, kit }
	);
	expect(Object.keys(ours)).toEqual(['vite.config.js', 'svelte.config.js']);
	expect(ours['svelte.config.js']).toContain(
		'kit: { adapter: adapter({"out":"x"}), "experimental": {"tracing":{"server":true},"remoteFunctions":true} }'
	);
	const plain = configFiles({ generation: 2 }, { adapter: '@sveltejs/adapter-node', kit });
	expect(plain['svelte.config.js']).not.toContain('tracing');
	const without = configFiles({ generation: 2 }, { adapter: 'adapter-node-otel', tracing: false });
	expect(without['svelte.config.js']).not.toContain('tracing');
	const oldest = configFiles(matrix['kit-2-oldest'], { adapter: 'adapter-node-otel' });
	expect(oldest['svelte.config.js']).toContain(
		'{"tracing":{"server":true},"instrumentation":{"server":true}}'
	);
});

test('they are merged into the configuration of `sv create`', () => {
	const created = `import adapter from '@sveltejs/adapter-auto';
export default { plugins: [sveltekit({
	compilerOptions: {
		runes: true
	},
	adapter: adapter()
})] };
`;
	const config = {
		adapter: 'adapter-node-otel',
		adapterOptions: { out: 'x' },
		compilerOptions: { experimental: { async: true } }
	} as const;
	expect(configFiles({ generation: 2 }, config, created)).toEqual({
		'vite.config.ts': `import adapter from 'adapter-node-otel';
export default { plugins: [sveltekit({
	compilerOptions: {
"experimental": {"async":true},
		runes: true
	},
	adapter: adapter({"out":"x"}), "experimental": {"tracing":{"server":true}}
})] };
`
	});
	expect(() => configFiles({ generation: 2 }, config, 'another')).toThrow('`sv create` has written no');
});

test('objects are merged, everything else is replaced', () => {
	expect(merge({ a: { b: 1, list: [1] }, c: 1 }, { a: { d: 2, list: [2] }, c: null })).toEqual({
		a: { b: 1, d: 2, list: [2] },
		c: null
	});
});
