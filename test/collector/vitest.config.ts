import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** With the real Collector and the real Jaeger: `npm run test:collector`, `npm run test:jaeger`. */
export default defineConfig({
	test: {
		root: fileURLToPath(new URL('../..', import.meta.url)),
		include: ['test/collector/**/*.test.ts'],
		testTimeout: 120_000,
		hookTimeout: 240_000,
		// as in `vitest.config.ts`
		retry: process.env['CI'] ? 1 : 0,
		fileParallelism: false
	}
});
