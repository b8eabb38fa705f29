import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Vite's servers and the page of traces in a real browser: `npm run test:dev`. */
export default defineConfig({
	test: {
		root: fileURLToPath(new URL('../..', import.meta.url)),
		include: ['test/dev/**/*.test.ts'],
		testTimeout: 60_000,
		hookTimeout: 240_000,
		maxWorkers: 2
	}
});
