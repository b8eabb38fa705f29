import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { RetriesReporter, retry } from '../support/retries.ts';

/** Vite's servers and the page of traces in a real browser: `npm run test:dev`. */
export default defineConfig({
	test: {
		root: fileURLToPath(new URL('../..', import.meta.url)),
		include: ['test/dev/**/*.test.ts'],
		testTimeout: 60_000,
		hookTimeout: 240_000,
		retry,
		reporters: ['default', new RetriesReporter()],
		maxWorkers: 2
	}
});
