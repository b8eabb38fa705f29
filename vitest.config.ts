import { defineConfig } from 'vitest/config';
import {
	attributeHashes,
	boundedMetrics,
	exemplars,
	lastExportWorker,
	leanConfigurationReader
} from './rollup.config.js';
import { RetriesReporter, retry } from './test/support/retries.ts';

export default defineConfig({
	test: {
		reporters: ['default', new RetriesReporter()],
		projects: [
			{
				// the configuration file reader is tested as in the bundle
				plugins: [leanConfigurationReader, lastExportWorker, exemplars, attributeHashes, boundedMetrics],
				test: {
					name: 'unit',
					include: ['test/unit/**/*.test.ts'],
					server: {
						deps: {
							inline: [
								/@opentelemetry.configuration/,
								/@cfworker.json-schema/,
								/node_modules.js-yaml/,
								/@opentelemetry.otlp-transformer/,
								/@opentelemetry.sdk-metrics/
							]
						}
					}
				}
			},
			{
				test: {
					name: 'e2e',
					include: ['test/e2e/**/*.test.ts', 'test/reliability/**/*.test.ts'],
					// real apps are installed, built and started
					testTimeout: 60_000,
					hookTimeout: 240_000,
					retry,
					// on two cores: many of them wait, for servers and for timers
					maxWorkers: 3
				}
			},
			// installs what the libraries need, and starts their servers: `npm run test:libraries`
			{
				test: {
					name: 'libraries',
					include: ['test/libraries/**/*.test.ts'],
					testTimeout: 60_000,
					hookTimeout: 240_000,
					retry,
					maxWorkers: 2
				}
			},
			// the first steps of a user, with every package manager: `npm run test:way-in`
			{
				test: {
					name: 'way-in',
					include: ['test/way-in/**/*.test.ts'],
					testTimeout: 240_000,
					hookTimeout: 240_000,
					retry,
					maxWorkers: 2
				}
			},
			// part of the long test run: `npm run test:matrix`
			{
				test: {
					name: 'matrix',
					include: ['test/matrix/**/*.test.ts'],
					testTimeout: 240_000,
					retry,
					maxWorkers: 2
				}
			}
		]
	}
});
