import { beforeAll, describe, expect, test } from 'vitest';
import { type App, buildApp } from '../support/app.ts';
import { testedNode } from '../support/node-binary.ts';
import { startServer } from '../support/server.ts';
import { hasTerminal, inTerminal } from '../support/terminal.ts';
import { startVite } from '../support/vite-server.ts';
import { combinations } from './combinations.ts';

const [python, terminal] = inTerminal;

/** The line of a SERVER span that failed. */
const SERVER_ROW = /^✗ SERVER GET \/error\/unexpected +█+ +\d+\.\d\d ms\r?$/m;

/** The block of a request, from its title to the empty line that ends it. */
const blockOf = (output: string, title: string): string[] =>
	(output.split(title)[1] ?? '').split(/\r?\n/).map((line) => line.trimEnd());

describe.skipIf(!hasTerminal).each(combinations)('%s: OTEL_TRACES_EXPORTER=console', (combination) => {
	const options = { combination, overlays: ['api'] };
	let app: App;

	beforeAll(async () => {
		app = await buildApp(options);
	});

	const start = async (env: Record<string, string>) =>
		startServer(app.build, {
			node: python,
			execArgv: [terminal, await testedNode()],
			env: { OTEL_TRACES_EXPORTER: 'console', TERM: 'xterm-256color', ...env }
		});

	test('is a waterfall in a terminal, with the error', async () => {
		await using server = await start({ NO_COLOR: '1' });
		await (await server.fetch('/error/unexpected?token=secret')).text();
		await server.waitForOutput(SERVER_ROW);
		// a terminal hands over a block in pieces
		await server.waitForOutput(/ {2}✗ sveltekit\.load error[^\n]*\n +Error: unexpected in[^\n]*\n/);
		const output = server.stdout();
		expect(output).toContain('GET /error/unexpected?token=REDACTED → 500');
		expect(output).not.toContain('\u001B');
		expect(output).not.toContain('"traceId"');
		const rows = blockOf(output, '→ 500');
		expect(rows.join('\n')).toMatch(
			/ {2}✗ sveltekit\.load error\/unexpected\/\+page.* █+ +[\d.]+ ms\n +Error: unexpected in/
		);
		for (const row of rows) expect(row.length).toBeLessThan(100);
	});

	test('has colours by default', async () => {
		await using server = await start({});
		await (await server.fetch('/blog/hello')).text();
		await server.waitForOutput('→ 200');
		await server.waitForOutput('\u001B[34m');
		expect(server.stdout()).not.toContain('"traceId"');
	});

	test('is JSON if stdout is not a terminal, also with FORCE_COLOR', async () => {
		await using server = await startServer(app.build, {
			env: { OTEL_TRACES_EXPORTER: 'console', FORCE_COLOR: '1' }
		});
		await (await server.fetch('/blog/hello')).text();
		await server.waitForOutput('"kind":"SERVER"');
		expect(server.stdout()).not.toContain('█');
		expect(server.stdout()).not.toContain('\u001B');
	});

	test.each(['dev', 'preview'] as const)('is the same waterfall in vite %s', async (command) => {
		await using server = await startVite(app.dir, command, {
			runner: inTerminal,
			env: { OTEL_TRACES_EXPORTER: 'console' }
		});
		await (await server.fetch('/blog/hello')).text();
		await server.waitForOutput('GET /blog/hello → 200');
		await server.waitForOutput('SERVER GET /blog/[slug]');
		await server.waitForOutput('█');
		expect(server.output()).not.toContain('"traceId"');
	});
});
