import { describe, expect, test } from 'vitest';

import { startReceiver } from '../otlp/receiver.ts';
import { buildApp } from '../support/app.ts';
import { matrix } from '../support/matrix.ts';
import { startServer } from '../support/server.ts';
import { combinations } from '../e2e/combinations.ts';

/** Changes a package that `pg` has, too: with two copies, `pg` would not know of it. */
const PG = `
	import pg from 'pg';
	import types from 'pg-types';

	types.setTypeParser(20, (value) => 'mine ' + value);
	export const GET = () => new Response(pg.types.getTypeParser(20)('7'));
`;

/** Throws a class that the core looks for: with two copies, it is an unknown error. */
const NEST = `
	import 'reflect-metadata';
	import { BadRequestException, Controller, Get, Module } from '@nestjs/common';
	import { NestFactory } from '@nestjs/core';

	class Shop { fail() { throw new BadRequestException('no'); } }
	Get('fail')(Shop.prototype, 'fail', Object.getOwnPropertyDescriptor(Shop.prototype, 'fail'));
	Controller('shop')(Shop);
	class AppModule {}
	Module({ controllers: [Shop] })(AppModule);

	export async function GET() {
		const app = await NestFactory.create(AppModule, { logger: false });
		await app.listen(0, '127.0.0.1');
		const { status } = await fetch(\`\${await app.getUrl()}/shop/fail\`);
		await app.close();
		return new Response(String(status));
	}
`;

const ANSWERS: [path: string, answer: string][] = [
	['/pg', 'mine 7'],
	['/nest', '400']
];

describe.each(combinations)('%s', (combination) => {
	test.each(['dependencies', 'devDependencies'])(
		'what the app and an instrumented library share is one copy, plain, off and on, in %s',
		// two installations and builds
		{ timeout: 240_000 },
		async (field) => {
			const options = {
				combination,
				files: { 'src/routes/pg/+server.js': PG, 'src/routes/nest/+server.js': NEST },
				packageJson: {
					[field]: {
						'@nestjs/common': '11.1.6',
						'@nestjs/core': '11.1.6',
						'@nestjs/platform-express': '11.1.6',
						'@opentelemetry/instrumentation-nestjs-core': '0.71.0',
						'@opentelemetry/instrumentation-pg': '0.77.0',
						pg: '8.23.1',
						'pg-types': '2.2.0',
						'reflect-metadata': '0.2.2',
						rxjs: '7.8.2'
					}
				}
			};
			const plain = await buildApp({ ...options, adapter: '@sveltejs/adapter-node' });
			const ours = await buildApp(options);
			await using receiver = await startReceiver();
			const on = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '50' };
			const answers: { plain?: string[]; off?: string[]; on?: string[] } = {};
			for (const [name, app, env] of [
				['plain', plain, {}],
				['off', ours, {}],
				['on', ours, on]
			] as const) {
				await using server = await startServer(app.build, { env });
				for (const [path] of ANSWERS) {
					(answers[name] ??= []).push(await (await server.fetch(path)).text());
				}
			}
			// SvelteKit 2 cannot bundle Nest, with plain adapter-node either
			expect(answers, ours.log).toEqual({ plain: answers.plain, off: answers.plain, on: answers.plain });
			const isBundled = matrix[combination].generation === 2 && field === 'devDependencies';
			const expected = ANSWERS.map(([, answer]) => answer);
			expect(answers.plain!.slice(0, isBundled ? 1 : 2)).toEqual(expected.slice(0, isBundled ? 1 : 2));
		}
	);
});
