import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Thousands of requests at a low ratio: `npm run test:kept`. */
export default defineConfig({
	test: {
		root: fileURLToPath(new URL('../..', import.meta.url)),
		include: ['test/kept/**/*.test.ts'],
		testTimeout: 120_000,
		hookTimeout: 240_000,
		fileParallelism: false
	}
});
