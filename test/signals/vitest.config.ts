import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { RetriesReporter, retry } from '../support/retries.ts';

/** Metrics and logs in set-ups that few apps have, and with hostile requests: `npm run test:signals`. */
export default defineConfig({
	test: {
		root: fileURLToPath(new URL('../..', import.meta.url)),
		include: ['test/signals/**/*.test.ts'],
		testTimeout: 120_000,
		hookTimeout: 240_000,
		reporters: ['default', new RetriesReporter()],
		retry,
		fileParallelism: false
	}
});
