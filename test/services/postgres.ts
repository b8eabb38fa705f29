import { execFile, execFileSync } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { promisify } from 'node:util';
import { findProgram, postgresFolders, reasonToSkip } from './find-program.ts';
import { startServer, withDirectory, withFreePorts } from './process.ts';
import type { RunningServer } from './process.ts';

const exec = promisify(execFile);

// No socket in a shared folder; and nothing here has to outlive a power cut.
const settings = ['-c', 'unix_socket_directories=', '-c', 'fsync=off'];

export interface Postgres extends RunningServer {
	port: number;
	/** For any client: user and database `postgres`, no password. */
	url: string;
}

/** Why a PostgreSQL cannot be started here, in one line; undefined if it can. */
export function missingPostgres(): string | undefined {
	const found = findProgram('initdb', postgresFolders()) && findProgram('postgres', postgresFolders());
	if (!found) return reasonToSkip('PostgreSQL is not installed: run `sh test/services/install.sh`');
	if (process.getuid?.() === 0 && !unprivilegedUser()) {
		return reasonToSkip(
			'PostgreSQL refuses to run as root, and there is no user `postgres`: run `sh test/services/install.sh`'
		);
	}
	return undefined;
}

/** Starts an empty PostgreSQL of its own on a free port of the loopback interface. */
export async function startPostgres(): Promise<Postgres> {
	const missing = missingPostgres();
	if (missing) throw new Error(missing);
	const folders = postgresFolders();
	const user = process.getuid?.() === 0 ? unprivilegedUser() : undefined;

	return withDirectory(async (directory) => {
		if (user) await chown(directory, user.uid, user.gid);
		// Everybody on this machine may connect: it listens on loopback and holds a test's rows only.
		const initArgs = ['--pgdata', directory, '--username', 'postgres', '--auth', 'trust'];
		initArgs.push('--encoding', 'UTF8', '--no-locale', '--no-sync');
		await exec(findProgram('initdb', folders)!, initArgs, { cwd: directory, ...user });

		return withFreePorts(1, async ([port]) => {
			const server = await startServer({
				command: findProgram('postgres', folders)!,
				args: ['-D', directory, '-p', String(port), '-h', '127.0.0.1', ...settings],
				cwd: directory,
				user,
				isReady: (output) => output.includes('database system is ready to accept connections'),
				// "Fast": SIGTERM would wait for every client to leave.
				stopSignal: 'SIGINT'
			});
			return { ...server, port, url: `postgres://postgres@127.0.0.1:${port}/postgres` };
		});
	});
}

/** The user that Debian's package makes: initdb wants one with an entry in the password file. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
	try {
		const id = (flag: string): number =>
			Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }));
		return { uid: id('-u'), gid: id('-g') };
	} catch {
		return undefined;
	}
}
