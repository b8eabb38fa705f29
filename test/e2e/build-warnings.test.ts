import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildApp } from '../support/app.ts';
import { matrix } from '../support/matrix.ts';
import { startServer } from '../support/server.ts';
import { combinations, ofGeneration } from './combinations.ts';

test.each(combinations)('%s: a build without problems logs nothing', async (combination) => {
	expect((await buildApp({ combination })).log).not.toMatch(/adapter-node-otel:|deprecated/);
});

describe.each(ofGeneration(2))('%s without the tracing flag', (combination) => {
	// the oldest knows one place
	const places =
		'isCreated' in matrix[combination]
			? (['vite.config.ts', 'svelte.config.js'] as const)
			: (['svelte.config.js'] as const);

	test.each(places)(
		'the build prints the lines to add to %s; with them it logs nothing',
		async (optionsIn) => {
			const app = await buildApp({ combination, tracing: false, optionsIn });
			// SvelteKit indents what an adapter says
			const [, file = '', lines = ''] =
				/so this build cannot trace requests\. Add to (\S+):\n\n([^]*?\n[})]+)\n/.exec(
					app.log.replace(/^ {2}/gm, '')
				) ?? [];
			expect(file).toBe(optionsIn);

			for (const [env, effect] of [
				[{ OTEL_TRACES_EXPORTER: 'console' }, 'this build cannot trace requests'],
				[{ OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'console' }, 'metrics lack `http.route`']
			] as const) {
				await using server = await startServer(app.build, { env });
				expect((await server.fetch('/blog/hello')).status).toBe(200);
				expect(server.stderr()).toMatch(
					new RegExp(`\nadapter-node-otel: ${effect}: .* in ${file}, and build again\n`)
				);
			}

			const config = await readFile(join(app.dir, file), 'utf8');
			const [opening, ...added] = lines.split('\n').slice(0, -1);
			const edited = config.replace(opening!, `${opening}\n${added.join('\n')},\n`);
			expect(edited).not.toBe(config);
			const remedied = await buildApp({ combination, tracing: false, optionsIn, files: { [file]: edited } });
			expect(remedied.log).not.toContain('adapter-node-otel:');
		}
	);
});
