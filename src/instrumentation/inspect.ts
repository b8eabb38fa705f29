import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Candidate } from './find.ts';

/** An instrumentation package to be asked. */
export interface Inspected {
	name: string;
	/** The directory of what has it installed. */
	from: string;
}

/** A module that an instrumentation patches: a package, or one of Node's own. */
export interface PatchedModule {
	name: string;
	/** The versions that it can patch, as ranges. */
	supported: string[];
	/** Whether a prerelease of a version counts as that version. */
	includePrerelease?: boolean;
}

/** What an instrumentation package says of itself. */
export interface Inspection {
	name: string;
	/** It exports nothing that instruments by being installed. */
	isEmpty: boolean;
	modules: PatchedModule[];
	/** Why it does not, or what of it does not. */
	error?: string;
}

/** Longer than forty of them take on a slow machine. */
const LIMIT_MS = 60_000;

/** Lets the child find a package from where the app is, also one that has ES modules alone. */
const RESOLVES_FROM = '--experimental-import-meta-resolve';

const child = fileURLToPath(new URL('./inspect-child.js', import.meta.url));
const exec = promisify(execFile);

/**
 * Asks instrumentations for the modules that they want to see.
 *
 * @param candidates the packages
 */
export async function inspectInstrumentations(candidates: readonly Candidate[]): Promise<Inspection[]> {
	if (candidates.length === 0) return [];
	const packages = candidates.map(({ name, from }): Inspected => ({ name, from }));
	try {
		const { stdout } = await exec(process.execPath, [RESOLVES_FROM, child, JSON.stringify(packages)], {
			timeout: LIMIT_MS,
			// nothing of the build's, and no telemetry of its own
			env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1' },
			maxBuffer: 64 * 1024 * 1024
		});
		return JSON.parse(stdout.trim().split('\n').at(-1)!) as Inspection[];
	} catch (error) {
		const reason = String((error as Error).message).split('\n')[0]!;
		return candidates.map(({ name }) => ({ name, isEmpty: false, modules: [], error: reason }));
	}
}
