import { defineConfig } from 'vitest/config';

/** `npm run test:canary`: what is newest of everything, which no commit of ours has chosen. */
export default defineConfig({
	test: {
		include: ['test/canary/**/*.test.ts'],
		testTimeout: 240_000,
		maxWorkers: 1
	}
});
