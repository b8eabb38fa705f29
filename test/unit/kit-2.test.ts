import { describe, expect, test } from 'vitest';
import { SWITCH_TRACING } from '../../src/kit/kit-2.ts';
import { type Modules, rewriteModules } from '../../src/kit/rewrite.ts';
import { type Kit2Places, kit2Places } from './support/kit-2-functions.ts';

const switchModules = (modules: Modules): Modules | undefined => rewriteModules(modules, SWITCH_TRACING);

/** With `manualChunks`, Rollup puts the API into a chunk that the app imports too. */
const inSharedChunk = (importApi: string) => {
	const [title, places] = kit2Places[0]!;
	const tracer = places.tracer.replace(/import\('[^']+'\)/, importApi);
	return [`${title}, with the API in a chunk of the app`, { ...places, tracer }] as [string, Kit2Places];
};
const builds = [
	...kit2Places,
	inSharedChunk(`import('./entries/pages/_page.server.js').then(function (n) { return n.i; })`),
	inSharedChunk(`import('./entries/pages/_page.server.js').then((n) => n.i)`)
];

const index = 'server/chunks/index.js';
const SWITCH = '(globalThis[Symbol.for("adapter-node-otel")]?.enabled ?? true)';

describe.each(builds)('SvelteKit %s', (_, { tracer, flag }) => {
	test('the switch decides over the tracer and the flag, and the API is the one in otel/', () => {
		const switched = switchModules(new Map([[index, tracer + flag]]))!.get(index)!;
		expect(switched).toMatch(
			/[;{]\s*if \(\(globalThis\[[^;]*\?\? true\)\) [\w$]+ = import\("\.\.\/\.\.\/otel\/api\.js"\)/
		);
		expect(switched.replace(/\s/g, '')).toContain(`tracing:{enabled:${SWITCH.replaceAll(' ', '')},root:`);
	});

	test('the two can be in different modules', () => {
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
		['without the flag', [tracer]],
		['with two flags', [tracer, flag, flag]],
		['without the tracer', [flag]],
		['with two tracers', [tracer, tracer, flag]],
		[
			'if the tracer gets something else',
			[tracer.replace(/context: ?\w+\.context/, 'context:m.metrics'), flag]
		],
		['if the flag is an expression', [tracer, flag.replace(/(enabled: ?)(true|!0)/, '$1isOn')]]
	])('nothing changes %s', (_title, codes) => {
		expect(switchModules(new Map(codes.map((code, at) => [`server/${at}.js`, code])))).toBeUndefined();
	});
});
