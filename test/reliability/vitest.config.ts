import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { RetriesReporter, retry } from '../support/retries.ts';

/** The full form of the tests of reliability; the short one is part of the project `e2e`. */
export default defineConfig({
	test: {
		root: fileURLToPath(new URL('../..', import.meta.url)),
		include: ['test/reliability/**/*.test.ts'],
		env: { RELIABILITY: 'full' },
		testTimeout: 300_000,
		hookTimeout: 240_000,
		reporters: ['default', new RetriesReporter()],
		retry,
		// figures are measured: one thing at a time
		fileParallelism: false
	}
});
