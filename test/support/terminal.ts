import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** What runs a command in a pseudo terminal of 100 columns: put it in front. */
export const inTerminal = ['python3', fileURLToPath(new URL('terminal.py', import.meta.url))] as const;

/** Whether this machine can. */
export const hasTerminal: boolean = spawnSync('python3', ['-c', 'import pty, fcntl, termios']).status === 0;
