import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { RetriesReporter, retry } from '../support/retries.ts';

/** The names of spans in set-ups of many kinds, on both SvelteKits: `npm run test:names`. */
export default defineConfig({
	test: {
		root: fileURLToPath(new URL('../..', import.meta.url)),
		include: ['test/names/**/*.test.ts'],
		testTimeout: 60_000,
		hookTimeout: 240_000,
		reporters: ['default', new RetriesReporter()],
		retry,
		fileParallelism: false
	}
});
