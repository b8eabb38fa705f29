// Runs a script on the Node that this repository pins, and ends it when npm is ended. `npm exec` would start one
// more npm, which lives on when the first one gets a signal. Plain JavaScript like `install.mjs`.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const binary = process.platform === 'win32' ? 'node.exe' : 'node';
const pinned = fileURLToPath(new URL(`../../node_modules/node/bin/${binary}`, import.meta.url));
// if it could not be installed, `install.mjs` has logged this
const node = existsSync(pinned) ? pinned : process.execPath;

const child = spawn(node, process.argv.slice(2), { stdio: 'inherit' });
child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));

for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
// a terminal sends it to the script, too
process.on('SIGINT', () => {});

// npm hands a signal on to the shell that it has started this with, which ends without a word
const parent = process.ppid;
setInterval(() => process.ppid === parent || child.kill('SIGTERM'), 500).unref();
