import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { installShared } from '../support/install.ts';
import { sumOf } from './statistics.ts';
import type { BuiltVariant } from './round.ts';

/** The size of a deployment. */
export interface Deployment {
	bytes: number;
	files: number;
}

/** The output, and the installed packages that it needs. */
export async function measureDeployment({ app, build }: BuiltVariant): Promise<Deployment> {
	const parts = [await measureTree(build)];
	const dependencies = app.packageJson?.['dependencies'] as Record<string, string> | undefined;
	if (dependencies) {
		const directory = await installShared({ dependencies, devDependencies: {} });
		parts.push(await measureTree(join(directory, 'node_modules')));
	}
	return { bytes: sumOf(parts, ({ bytes }) => bytes), files: sumOf(parts, ({ files }) => files) };
}

async function measureTree(directory: string): Promise<Deployment> {
	const entries = await readdir(directory, { recursive: true, withFileTypes: true });
	const files = entries.filter((entry) => entry.isFile());
	const sizes = await Promise.all(
		files.map(async (file) => (await stat(join(file.parentPath, file.name))).size)
	);
	return { files: files.length, bytes: sumOf(sizes, (size) => size) };
}
