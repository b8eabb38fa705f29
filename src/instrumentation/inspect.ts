import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Candidate } from './find.ts';

/** What an instrumentation says of itself. */
export interface Inspection {
	name: string;
	/** The modules that it wants to see: packages, and Node's own. */
	modules: string[];
	/** Why it does not. */
	error?: string;
}

/** Longer than forty of them take on a slow machine. */
const LIMIT_MS = 60_000;

const child = fileURLToPath(new URL('./inspect-child.js', import.meta.url));
const exec = promisify(execFile);

/**
 * Asks instrumentations for the modules that they want to see.
 *
 * @param candidates the packages
 */
export async function inspectInstrumentations(candidates: readonly Candidate[]): Promise<Inspection[]> {
	if (candidates.length === 0) return [];
	const packages = candidates.map(({ name, directory }) => ({ name, entry: entryOf(name, directory) }));
	try {
		const { stdout } = await exec(process.execPath, [child, JSON.stringify(packages)], {
			timeout: LIMIT_MS,
			// nothing of the build's, and no telemetry of its own
			env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1' },
			maxBuffer: 64 * 1024 * 1024
		});
		return JSON.parse(stdout.trim().split('\n').at(-1)!) as Inspection[];
	} catch (error) {
		const reason = String((error as Error).message).split('\n')[0]!;
		return candidates.map(({ name }) => ({ name, modules: [], error: reason }));
	}
}

function entryOf(name: string, directory: string): string {
	try {
		// a package may import itself, also by a link
		return createRequire(path.join(directory, 'package.json')).resolve(name);
	} catch {
		return createRequire(path.join(path.dirname(directory), 'package.json')).resolve(directory);
	}
}
