import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The full form of the tests of reliability; the short one is part of the project `e2e`. */
export default defineConfig({
	test: {
		root: fileURLToPath(new URL('../..', import.meta.url)),
		include: ['test/reliability/**/*.test.ts'],
		env: { RELIABILITY: 'full' },
		testTimeout: 300_000,
		hookTimeout: 240_000,
		// as in `vitest.config.ts`
		retry: process.env['CI'] ? 1 : 0,
		// figures are measured: one thing at a time
		fileParallelism: false
	}
});
