import { beforeAll, describe, expect, test } from 'vitest';
import { combinations } from '../e2e/combinations.ts';
import { startReceiver } from '../otlp/receiver.ts';
import type { App } from '../support/app.ts';
import { startServer } from '../support/server.ts';
import { buildSignalsApp } from './app.ts';

describe.each(combinations)('%s: the console', (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildSignalsApp(combination);
	});

	/** What `/consoles` prints, and what becomes of it. */
	async function print(on: boolean, execArgv: readonly string[] = []) {
		await using receiver = await startReceiver();
		await using server = await startServer(app.build, {
			execArgv,
			env: {
				NODE_DEBUG: 'app',
				...(on && {
					OTEL_TRACES_EXPORTER: 'none',
					OTEL_LOGS_EXPORTER: 'otlp',
					OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url
				})
			}
		});
		await (await server.fetch('/consoles')).text();
		await server.waitForOutput('by a worker thread');
		await server.stop();
		const plain = (text: string): string =>
			text
				.replaceAll(/^(Listening on .*):\d+/gm, '$1:PORT')
				.replaceAll(/^timed: [\d.]+m?s/gm, 'timed')
				.replaceAll(/^APP \d+: /gm, 'APP: ');
		return {
			stdout: plain(server.stdout()),
			stderr: plain(server.stderr().replaceAll(/^adapter-node-otel: .*\n/gm, '')),
			told: server.stderr().match(/^adapter-node-otel: .*$/gm) ?? [],
			bodies: receiver.logs.map(({ body }) => String(body)).filter((body) => !body.startsWith('Listening'))
		};
	}

	test('prints the same in every way, and each line is exported once', async () => {
		const off = await print(false, ['--import', './early.mjs']);
		const on = await print(true, ['--import', './early.mjs']);
		expect({ stdout: on.stdout, stderr: on.stderr }).toEqual({ stdout: off.stdout, stderr: off.stderr });
		expect(off.stdout).toContain('bound early');
		const { bodies } = on;
		expect(bodies[0]).toMatch(/^┌─+┬/);
		expect(bodies.slice(1, 6)).toEqual([
			'group',
			'in the group',
			'Assertion failed: assertion',
			'counted: 1',
			expect.stringMatching(/^timed: /)
		]);
		expect(bodies.slice(6)).toEqual(['bound late']);
	});

	test.each([
		['frozen.mjs', 'console.debug, console.log, console.info, console.warn, console.error are not Node', []],
		['replaced.mjs', 'console.log is not Node', ['Assertion failed: assertion']]
	])('of %s is unchanged, which is logged in one line', async (file, told, exported) => {
		const execArgv = ['--import', `./${file}`];
		const off = await print(false, execArgv);
		const on = await print(true, execArgv);
		expect({ stdout: on.stdout, stderr: on.stderr }).toEqual({ stdout: off.stdout, stderr: off.stderr });
		const lines = on.told.filter((line) => line.includes('what is printed there is not exported'));
		expect(lines).toEqual([expect.stringContaining(told)]);
		expect(on.bodies).toEqual(exported);
	});
});
