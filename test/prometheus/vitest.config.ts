import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** A real Prometheus scrapes a running app: `npm run test:prometheus`. */
export default defineConfig({
	test: {
		root: fileURLToPath(new URL('../..', import.meta.url)),
		include: ['test/prometheus/**/*.test.ts'],
		testTimeout: 120_000,
		hookTimeout: 240_000,
		fileParallelism: false
	}
});
