// Installs the repository's dependencies when they are missing or not the ones of the lock file. It runs
// before anything is installed, on whatever Node there is: plain JavaScript, nothing from the registry.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const lockFile = `${repository}package-lock.json`;
// Inside node_modules, so that removing that removes this as well.
const stamp = `${repository}node_modules/.installed-lock-hash`;
// Written by npm at the end of every install.
const npmStamp = `${repository}node_modules/.package-lock.json`;

const wanted = createHash('sha256').update(readFileSync(lockFile)).digest('hex');
const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
// Before the first stamp, npm's own is trusted: somebody ran `npm ci` by hand.
const isInstalledByHand =
	!installed && existsSync(npmStamp) && statSync(npmStamp).mtimeMs >= statSync(lockFile).mtimeMs;

if (installed !== wanted && isInstalledByHand) {
	writeFileSync(stamp, wanted);
} else if (installed !== wanted) {
	const reason = existsSync(npmStamp) ? 'package-lock.json has changed' : 'Nothing is installed yet';
	console.log(`${reason}: running \`npm ci\``);
	const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], {
		cwd: repository,
		stdio: 'inherit',
		// npm is a script on Windows, which only a shell can start.
		shell: process.platform === 'win32'
	});
	if (error || status !== 0) {
		console.error(`\`npm ci\` failed${error ? `: ${error.message}` : ''}`);
		process.exit(status || 1);
	}
	writeFileSync(stamp, wanted);
}
