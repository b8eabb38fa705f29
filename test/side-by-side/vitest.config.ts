import { defineConfig } from 'vitest/config';
import { RetriesReporter, retry } from '../support/retries.ts';

/** `npm run test:side-by-side`: the instrumentations of libraries, compared with upstream's SDK. */
export default defineConfig({
	test: {
		include: ['test/side-by-side/**/*.test.ts'],
		testTimeout: 60_000,
		// three installations and builds, and six servers
		hookTimeout: 900_000,
		reporters: ['default', new RetriesReporter()],
		retry
	}
});
