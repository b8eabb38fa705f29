import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

import { readOverlay } from './app-sources.ts';
import { cached, hashOf } from './cache.ts';
import { packageManagerEnv } from './clean-env.ts';
import { exec } from './exec.ts';

/** One for all of its packages but the instrumentation. */
const VERSION = '7.10.0';

/** The `dependencies` of an app with Prisma, besides its instrumentation. */
export const prismaDependencies = { '@prisma/adapter-pg': VERSION, '@prisma/client': VERSION };

/** What it is instrumented with: it has patch releases of its own, and names its own version as the client's. */
export const prismaInstrumentation = { '@prisma/instrumentation': '7.10.1' };

/** Where the schema has it written to. */
const OUTPUT = 'src/lib/generated';

/** What `prisma generate` makes of the schema in the overlay `prisma`, as files of the app. */
export async function generatePrismaClient(): Promise<Record<string, string>> {
	const { files } = await readOverlay('prisma');
	const sources = Object.entries(files).filter(([path]) => path.startsWith('prisma'));
	const hash = hashOf([VERSION, sources.map(([path, text]) => [path, String(text)])]);

	const dir = await cached(join('prisma', hash), async (target) => {
		const dependencies = { prisma: VERSION, '@prisma/client': VERSION };
		await writeFile(join(target, 'package.json'), JSON.stringify({ private: true, dependencies }));
		for (const [path, text] of sources) {
			await mkdir(dirname(join(target, path)), { recursive: true });
			await writeFile(join(target, path), text);
		}
		// Generating needs no engine, but the command downloads one unless a path is set.
		const env = {
			...packageManagerEnv(),
			PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
			// and it asks the network for newer releases of itself
			CHECKPOINT_DISABLE: '1'
		};
		const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock', '--prefer-offline'];
		await exec('npm', ['install', ...flags], { cwd: target, env });
		await exec(process.execPath, ['node_modules/prisma/build/index.js', 'generate'], { cwd: target, env });
	});

	const generated = await readdir(join(dir, OUTPUT), { recursive: true, withFileTypes: true });
	const paths = generated
		.filter((entry) => entry.isFile())
		.map(({ parentPath, name }) => relative(dir, join(parentPath, name)).replaceAll('\\', '/'));
	const texts = await Promise.all(paths.map((path) => readFile(join(dir, path), 'utf8')));
	return Object.fromEntries(paths.map((path, index) => [path, texts[index]!]));
}
