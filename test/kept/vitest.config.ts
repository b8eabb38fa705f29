import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { RetriesReporter, retry } from '../support/retries.ts';

/** Thousands of requests at a low ratio: `npm run test:kept`. */
export default defineConfig({
	test: {
		root: fileURLToPath(new URL('../..', import.meta.url)),
		include: ['test/kept/**/*.test.ts'],
		testTimeout: 120_000,
		hookTimeout: 240_000,
		reporters: ['default', new RetriesReporter()],
		retry,
		fileParallelism: false
	}
});
