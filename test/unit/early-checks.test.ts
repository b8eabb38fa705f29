import { afterEach, expect, test, vi } from 'vitest';
import { warnEarly } from '../../src/checks/early.ts';
import { captureStderr } from './support/stderr.ts';

vi.mock('../../src/checks/node.ts', () => ({ checkNode: () => 'this Node is too old' }));
vi.mock('../../src/checks/api.ts', () => ({ checkApi: () => undefined }));

const written = captureStderr();

afterEach(() => {
	vi.unstubAllEnvs();
});

test('problems that the build finds before SvelteKit starts are logged once, and not in editors and dev servers', () => {
	for (const environment of ['development', 'test', undefined]) {
		vi.stubEnv('NODE_ENV', environment);
		warnEarly();
	}
	expect(written).toEqual([]);

	vi.stubEnv('NODE_ENV', 'production');
	// the configuration is read more than once in a build
	for (let reading = 0; reading < 3; reading++) warnEarly();
	expect(written).toEqual(['adapter-node-otel: this Node is too old\n']);
});
