import { beforeAll, describe, expect, test } from 'vitest';

import { type App, buildApp } from '../support/app.ts';
import { instrumentations, libraries } from '../support/libraries.ts';
import { combinations } from '../e2e/combinations.ts';

describe.each(combinations)('libraries in devDependencies, %s', (combination) => {
	let app: App;

	beforeAll(async () => {
		app = await buildApp({
			combination,
			overlays: ['libraries'],
			packageJson: { dependencies: instrumentations, devDependencies: libraries }
		});
	});

	test('are told, with what to do', () => {
		for (const message of [
			'pg, pg-pool are bundled into the server, where @opentelemetry/instrumentation-pg cannot see them: there will be no spans of them. Move pg from devDependencies to dependencies',
			'ioredis is bundled into the server, where @opentelemetry/instrumentation-ioredis cannot see it: there will be no spans of it. Move ioredis from devDependencies to dependencies',
			'are bundled into the server, where @opentelemetry/instrumentation-redis cannot see them'
		]) {
			expect(app.log).toContain(message);
		}
	});
});
