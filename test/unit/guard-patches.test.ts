import { afterEach, expect, test, vi } from 'vitest';

import type { Patching } from '../../files/instrumentation/base-class.ts';
import { guardPatches } from '../../files/instrumentation/guard-patches.ts';

const DEFINITION = { name: 'orm', moduleVersion: '2.0.0' };

type Patch = (exports: Record<string, any>) => unknown;

/** What a guarded patch makes of exports, as `require` and `import` would ask for it. */
function guard(
	patch: Patch,
	origin = 'instrumentation-of-orm'
): (exports: unknown, file?: string) => unknown {
	const part: Patching = { _modules: [DEFINITION], _onRequire: (_, exports) => patch(exports as never) };
	guardPatches(
		part,
		{
			instrumentationName: '@opentelemetry/instrumentation-orm',
			instrumentationVersion: '1.0.0'
		} as never,
		origin
	);
	return (exports, file = 'orm') => part._onRequire(DEFINITION, exports, file, '/app/node_modules/orm');
}

const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
afterEach(() => stderr.mockClear());

class Query {
	static Options = class {
		run(): string {
			return 'plain';
		}
	};
	find(): string {
		return 'plain';
	}
}

test('a patch that throws leaves the module as it was, and is logged', () => {
	const exports: Record<string, unknown> = { Query, connect: () => 'plain' };
	const before = { ...exports };
	const result = guard((orm) => {
		orm.connect = () => 'patched';
		orm.added = true;
		orm.Query.prototype.find = () => 'patched';
		orm.Query.Options.prototype.run = () => 'patched';
		orm.missing.method = null;
	})(exports);

	expect(result).toBe(exports);
	expect(exports).toEqual(before);
	expect([new Query().find(), new Query.Options().run()]).toEqual(['plain', 'plain']);
	expect(stderr.mock.calls.map(([line]) => line)).toEqual([
		expect.stringMatching(
			/^adapter-node-otel: @opentelemetry\/instrumentation-orm 1\.0\.0 could not patch orm 2\.0\.0 \(TypeError: .*\): it is left as it was, .*, or leave it out by OTEL_NODE_DISABLED_INSTRUMENTATIONS=instrumentation-of-orm\n$/
		)
	]);
});

test('a module that is both required and imported is patched once', () => {
	const patch = guard((orm) => ({ calls: (orm['calls'] as number) + 1 }));
	const exports = { calls: 0 };
	expect(patch(exports)).toEqual({ calls: 1 });
	expect(patch(exports)).toBe(patch(exports));
	// a file that has the same exports is another module
	expect(patch(exports, 'orm/lib/index.js')).not.toBe(patch(exports));
});

test('a patch that returns nothing leaves the module in place', () => {
	const exports = {};
	expect(guard(() => undefined)(exports)).toBe(exports);
	expect(stderr).not.toHaveBeenCalled();
});

test('a patch of an instrumentation that the app made is logged with another remedy', () => {
	guard(() => {
		throw new Error('no');
	}, 'src/instrumentation.server')({});
	expect(stderr.mock.calls.map(([line]) => line)).toEqual([
		expect.stringMatching(/Install compatible versions, or remove it from src\/instrumentation\.server\n$/)
	]);
});
