import { describe, expect, test } from 'vitest';
import { SWITCH_TRACING } from '../../src/kit/kit-2.ts';
import { LEAN_SPANS } from '../../src/kit/lean-spans.ts';
import { rewriteModules } from '../../src/kit/rewrite.ts';
import chunks from './support/kit-2-chunks.json' with { type: 'json' };

/*
 * Cut out of what adapter-node has emitted of each SvelteKit: with Vite 7 up to 2.50, with Vite 8 from 2.60 on,
 * as they are and with `build.minify`.
 */
describe.each(Object.entries(chunks))('SvelteKit %s', (_, places) => {
	const modules = new Map(places.map((code, at) => [`server/chunks/${at}.js`, code]));

	test.each([
		['the switch', SWITCH_TRACING],
		['cheap spans', LEAN_SPANS]
	])('%s: each place is found once, and only what is meant changes', (_title, rewrites) => {
		const changed = rewriteModules(modules, rewrites);
		expect([...changed!.values()]).toMatchSnapshot();
	});
});
