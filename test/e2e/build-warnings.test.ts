import { describe, expect, test } from 'vitest';
import { buildApp } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { combinations, ofGeneration } from './combinations.ts';

test.each(combinations)('%s: a build that lacks nothing says nothing', async (combination) => {
	expect((await buildApp({ combination })).log).not.toMatch(/adapter-node-otel:|deprecated/);
});

describe.each(ofGeneration(2))('%s without the tracing flag', (combination) => {
	test('the build prints the lines to add, and its server serves', async () => {
		const app = await buildApp({ combination, tracing: false });
		const flags = ['tracing', ...(combination === 'kit-2-oldest' ? ['instrumentation'] : [])];
		// SvelteKit indents what an adapter says
		expect(app.log.replace(/^ {2}/gm, '')).toContain(
			[
				'so this build cannot trace requests. Add to svelte.config.js:',
				'',
				'kit: {',
				'  experimental: {',
				flags.map((flag) => `    ${flag}: { server: true }`).join(',\n'),
				'  }',
				'}'
			].join('\n')
		);

		await using server = await startServer(app.build, { env: { OTEL_TRACES_EXPORTER: 'console' } });
		expect((await server.fetch('/blog/hello')).status).toBe(200);
		expect(server.stderr()).toContain('\nadapter-node-otel: this build cannot trace requests: ');
	});
});
