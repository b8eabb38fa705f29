import path from 'node:path';
import type { Builder } from '@sveltejs/kit';
import { expect, test, vi } from 'vitest';
import { observeInstrumentation } from '../../src/kit/builder.ts';
import { SWITCH_TRACING } from '../../src/kit/kit-2.ts';
import { rewriteModules } from '../../src/kit/rewrite.ts';
import { kit2Places } from './support/kit-2-functions.ts';

// the build as Windows has it
vi.mock('node:path', async (importActual) => ({
	default: (await importActual<typeof import('node:path')>()).win32
}));

test('paths are those of Windows', () => {
	expect(path.sep).toBe('\\');
});

test('the switch for SvelteKit 2 imports the API by a specifier with forward slashes', () => {
	const [, { tracer, flag }] = kit2Places[0]!;
	const file = 'server\\chunks\\index.js';
	expect(rewriteModules(new Map([[file, tracer + flag]]), SWITCH_TRACING)?.get(file)).toContain(
		'import("../../otel/api.js")'
	);
});

test.each([
	// adapter-node 5: already in the output
	['C:\\app\\build\\server\\instrumentation.server.js', 'server/instrumentation.server.js'],
	['build\\instrumentation.server.js', 'instrumentation.server.js'],
	// adapter-node 6: in what is copied to the output
	['C:\\app\\.svelte-kit\\output\\server\\instrumentation.server.js', 'server/instrumentation.server.js']
])('the instrumentation file %s is %s in the output', (instrumentation, file) => {
	vi.spyOn(process, 'cwd').mockReturnValue('C:\\app');
	const builder = { getServerDirectory: () => 'C:\\app\\.svelte-kit\\output\\server' } as Builder;
	const observed = observeInstrumentation(builder, 'C:\\app\\build');
	observed.builder.instrument({ entrypoint: 'index.js', instrumentation, initializer: '' });
	expect(observed.found?.file).toBe(file);
	vi.restoreAllMocks();
});
