import { join } from 'node:path';
import { expect } from 'vitest';
import { startReceiver } from '../otlp/receiver.ts';
import { startServer } from '../support/server.ts';

/**
 * Starts the build of a project, and waits for the trace of its first page.
 *
 * @param dir the project
 * @param log what the build has printed, with nothing to remedy in it
 */
export async function expectTrace(dir: string, log: { stdout: string; stderr: string }): Promise<void> {
	expect(log.stdout + log.stderr).not.toContain('adapter-node-otel:');
	await using receiver = await startReceiver();
	await using server = await startServer(join(dir, 'build'), {
		env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '20' }
	});
	expect((await server.fetch('/')).status).toBe(200);
	await receiver.waitForTrace(({ name }) => name === 'GET /');
}
