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

// The Node that everything runs on here: its install script puts it in place.
const pinnedNode = `${repository}node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`;

const wanted = createHash('sha256').update(readFileSync(lockFile)).digest('hex');
const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
// Before the first stamp, npm's own is trusted: `npm ci` was run by hand. Not without what builds.
const isInstalledByHand =
	!installed &&
	existsSync(npmStamp) &&
	existsSync(`${repository}node_modules/typescript`) &&
	statSync(npmStamp).mtimeMs >= statSync(lockFile).mtimeMs;

if (installed !== wanted && isInstalledByHand) {
	writeFileSync(stamp, wanted);
} else if (installed !== wanted) {
	const reason = existsSync(npmStamp) ? 'package-lock.json has changed' : 'Nothing is installed yet';
	console.log(`${reason}: running \`npm ci\``);
	// With NODE_ENV=production, too, all of it is needed. Warnings are about the Node that runs npm, which runs
	// nothing else.
	const flags = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
	const { status, error } = spawnSync('npm', ['ci', ...flags], {
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

// Where install scripts are blocked, as npm 12 does by default, this one has not run.
if (!existsSync(pinnedNode)) {
	spawnSync(process.execPath, ['installArchSpecificPackage.js'], {
		cwd: `${repository}node_modules/node`,
		stdio: ['ignore', 'ignore', 'inherit']
	});
	// npm has not linked what was not there yet: scripts would run on the Node of the machine
	spawnSync('npm', ['rebuild', 'node', '--ignore-scripts', '--loglevel=error'], {
		cwd: repository,
		stdio: ['ignore', 'ignore', 'inherit'],
		shell: process.platform === 'win32'
	});
	if (!existsSync(pinnedNode) || !existsSync(`${repository}node_modules/.bin/node`)) {
		console.error(
			`The Node that this repository pins could not be installed. Allow its install script (\`npm approve-scripts node\`, \`npm rebuild node\`), or use Node 24 yourself`
		);
	}
}
