import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startReceiver } from '../otlp/receiver.ts';
import { type App, buildApp } from '../support/app.ts';
import { cleanEnv } from '../support/clean-env.ts';
import { combinations } from './combinations.ts';

/** Vite's dev or preview server for a built app, which ends with the block that uses it. */
async function startVite(app: App, command: 'dev' | 'preview', env: Record<string, string>) {
	const vite = createRequire(join(app.dir, 'package.json')).resolve('vite/package.json');
	const child = spawn(
		process.execPath,
		[join(vite, '../bin/vite.js'), command, '--port', '0', '--host', '127.0.0.1'],
		{
			cwd: app.dir,
			env: { ...cleanEnv(), ...env, NO_COLOR: '1' },
			stdio: ['ignore', 'pipe', 'pipe']
		}
	);
	const closed = once(child, 'close');
	let output = '';
	const url = await new Promise<string>((resolve, reject) => {
		const read = (chunk: Buffer): void => {
			output += chunk;
			const [found] = /http:\/\/127\.0\.0\.1:\d+/.exec(output) ?? [];
			if (found) resolve(found);
		};
		child.stdout.on('data', read);
		child.stderr.on('data', read);
		void closed.then(() => reject(new Error(`vite ${command} ended\n${output}`)));
	});
	return {
		url,
		output: () => output,
		async [Symbol.asyncDispose]() {
			child.kill('SIGTERM');
			await closed;
		}
	};
}

describe.each(combinations)('%s: vite', (combination) => {
	const isKit3 = combination.startsWith('kit-3');

	// SvelteKit's own switch for tracing decides there, as it does without us
	test.each([
		['dev', false],
		['preview', false],
		['preview', true]
	] as const)("%s is as it would be without us where SvelteKit's tracing is %s", async (command, tracing) => {
		await using receiver = await startReceiver();
		const app = await buildApp({
			combination,
			overlays: tracing ? ['api'] : [],
			tracing,
			...(isKit3 && { kit: { tracing: { server: tracing } } })
		});
		await using server = await startVite(app, command, { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
		const response = await fetch(`${server.url}/root`);
		expect(response.status, server.output()).toBe(200);
		expect(await response.text()).toContain(`enabled:${tracing}`);
		expect(server.output()).not.toContain('adapter-node-otel: tracing');
		expect(receiver.requests).toEqual([]);
	});
});
