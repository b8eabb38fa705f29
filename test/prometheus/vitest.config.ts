import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { RetriesReporter, retry } from '../support/retries.ts';

/** A real Prometheus scrapes a running app: `npm run test:prometheus`. */
export default defineConfig({
	test: {
		root: fileURLToPath(new URL('../..', import.meta.url)),
		include: ['test/prometheus/**/*.test.ts'],
		testTimeout: 120_000,
		hookTimeout: 240_000,
		reporters: ['default', new RetriesReporter()],
		retry,
		fileParallelism: false
	}
});
