import path from 'node:path';
import type { Builder } from '@sveltejs/kit';
import { expect, test, vi } from 'vitest';
import { observeInstrumentation } from '../../src/kit/builder.ts';
import { SWITCH_TRACING } from '../../src/kit/kit-2.ts';
import { rewriteModules } from '../../src/kit/rewrite.ts';

// the build as Windows has it
vi.mock('node:path', async (importActual) => ({
	default: (await importActual<typeof import('node:path')>()).win32
}));

test('the mock is used', () => {
	expect(path.sep).toBe('\\');
});

test('the switch for SvelteKit 2 imports it by the same specifier', () => {
	const code = `var otel = null;
otel = import("@opentelemetry/api").then((module) => {
	return {
		tracer: module.trace.getTracer("sveltekit"),
		propagation: module.propagation,
		context: module.context,
		SpanStatusCode: module.SpanStatusCode
	};
}).catch(() => {});
const event = { tracing: { enabled: true, root: span, current: span } };
`;
	const file = 'server\\chunks\\index.js';
	expect(rewriteModules(new Map([[file, code]]), SWITCH_TRACING)?.get(file)).toContain(
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
