import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Candidate } from './find.ts';

/** An instrumentation package to inspect. */
export interface Inspected {
	name: string;
	/** The directory of the package that has it installed. */
	from: string;
}

/** A module that an instrumentation patches: a package, or a built-in module of Node. */
export interface PatchedModule {
	name: string;
	/** The version ranges that it can patch. */
	supported: string[];
	/** Whether a prerelease of a version counts as that version. */
	includePrerelease?: boolean;
}

/** What an instrumentation package instruments. */
export interface Inspection {
	name: string;
	/** Whether it exports no instrumentation. */
	isEmpty: boolean;
	modules: PatchedModule[];
	/** Why the package, or a part of it, does not work. */
	error?: string;
}

/** Longer than forty packages take on a slow machine. */
const LIMIT_MS = 60_000;

/** Lets the child process resolve a package from the app's directory, also one that has only ES modules. */
const RESOLVES_FROM = '--experimental-import-meta-resolve';

const child = fileURLToPath(new URL('./inspect-child.js', import.meta.url));
const exec = promisify(execFile);

/**
 * Finds out which modules instrumentations patch.
 *
 * @param candidates the packages
 */
export async function inspectInstrumentations(candidates: readonly Candidate[]): Promise<Inspection[]> {
	if (candidates.length === 0) return [];
	const packages = candidates.map(({ name, from }): Inspected => ({ name, from }));
	try {
		const { stdout } = await exec(process.execPath, [RESOLVES_FROM, child, JSON.stringify(packages)], {
			timeout: LIMIT_MS,
			// no variables of the build, and no telemetry in the child process
			env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1' },
			maxBuffer: 64 * 1024 * 1024
		});
		return JSON.parse(stdout.trim().split('\n').at(-1)!) as Inspection[];
	} catch (error) {
		const reason = String((error as Error).message).split('\n')[0]!;
		return candidates.map(({ name }) => ({ name, isEmpty: false, modules: [], error: reason }));
	}
}
