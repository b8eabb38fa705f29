import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findLibraries } from '../../dist/instrumentation/libraries.js';
import { packageManagerEnv } from '../support/clean-env.ts';
import { exec } from '../support/exec.ts';
import { install } from '../support/install.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/*
 * What the build says of instrumentations that cannot work, in projects with the real packages: the command that
 * it prints is run as it stands, and the message is gone.
 */
interface Case {
	title: string;
	devDependencies: Record<string, string>;
	/** The names in `telemetry.instrumentations`. */
	options?: string[];
	/** Of npm. */
	settings?: string;
	said: string;
	command: RegExp;
}

const cases: Case[] = [
	{
		title: 'a library of a version that is not supported',
		devDependencies: { '@opentelemetry/instrumentation-graphql': '0.72.0', graphql: '17.1.0' },
		said: '@opentelemetry/instrumentation-graphql does not support graphql 17.1.0',
		command: /npm i "graphql@>=\d[^"]+"$/
	},
	{
		title: 'options of an instrumentation that is not installed',
		devDependencies: { '@opentelemetry/instrumentation-graphql': '0.72.0' },
		options: ['@opentelemetry/instrumentation-pg'],
		said: 'names "@opentelemetry/instrumentation-pg", which is not among the dependencies of the app',
		command: /npm i -D @opentelemetry\/instrumentation-pg$/
	},
	{
		title: 'a peer that the package manager did not install',
		devDependencies: { '@opentelemetry/instrumentation-graphql': '0.72.0', graphql: '16.11.0' },
		settings: 'legacy-peer-deps=true',
		said: '@opentelemetry/instrumentation-graphql could not be loaded',
		command: /npm i -D @opentelemetry\/api$/
	}
];

test.each(cases)('$title', async ({ devDependencies, options = [], settings = '', said, command }) => {
	const dir = makeTempDir();
	const manifest = { name: 'app', private: true, type: 'module', devDependencies };
	await writeFile(join(dir, 'package.json'), JSON.stringify(manifest));
	await writeFile(join(dir, '.npmrc'), settings);
	await install('npm', dir);

	const find = async (): Promise<string[]> => {
		const instrumentations = Object.fromEntries(options.map((name) => [name, {}]));
		return (await findLibraries(instrumentations, dir)).messages;
	};
	const [message, ...others] = await find();
	expect(message).toContain(said);
	expect(others).toEqual([]);

	const [remedy] = command.exec(message!)!;
	await exec('sh', ['-c', remedy], { cwd: dir, env: packageManagerEnv() });
	expect(await find()).toEqual([]);
});
