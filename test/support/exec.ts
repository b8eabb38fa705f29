import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** How {@link exec} runs its command. */
export interface ExecOptions {
	cwd?: string;
	/** The whole environment, nothing is added. */
	env?: NodeJS.ProcessEnv;
	/** Resolve also when the command fails, so that a test can look at the failure. */
	allowFailure?: boolean;
}

/** What a command wrote and how it ended. */
export interface ExecResult {
	code: number | null;
	signal: NodeJS.Signals | null;
	stdout: string;
	stderr: string;
}

const running = new Set<ChildProcess>();

// an installation that outlives an interrupted run would write into what the next one makes
process.once('exit', () => running.forEach((child) => child.kill()));

/** Runs a command to its end. Failing, it throws an error that holds everything it wrote. */
export async function exec(
	command: string,
	args: readonly string[],
	{ cwd, env, allowFailure = false }: ExecOptions = {}
): Promise<ExecResult> {
	const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
	running.add(child);
	child.once('close', () => running.delete(child));
	const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
	const [[code, signal], stdout, stderr] = await Promise.all([
		closed,
		text(child.stdout),
		text(child.stderr)
	]);
	if (code !== 0 && !allowFailure) {
		throw new Error(
			[`\`${[command, ...args].join(' ')}\` failed (${signal ?? code})`, stdout, stderr].join('\n')
		);
	}
	return { code, signal, stdout, stderr };
}
