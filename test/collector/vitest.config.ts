import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { RetriesReporter, retry } from '../support/retries.ts';

/** With the real Collector and the real Jaeger: `npm run test:collector`, `npm run test:jaeger`. */
export default defineConfig({
	test: {
		root: fileURLToPath(new URL('../..', import.meta.url)),
		include: ['test/collector/**/*.test.ts'],
		testTimeout: 120_000,
		hookTimeout: 240_000,
		reporters: ['default', new RetriesReporter()],
		retry,
		fileParallelism: false
	}
});
