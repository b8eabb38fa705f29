/*
 * Asks the registry for advisories of the packages that are bundled into `dist`, which `npm audit` of a user's
 * project does not see. The list comes from the licences that the build has written.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The packages of a list of licences, each as `name version (LICENCE)` on a line of its own.
 *
 * @returns versions by name
 */
export function bundledPackages(licences: string): Record<string, string> {
	const lines = [...licences.matchAll(/^((?:@[\w.-]+\/)?[\w.-]+) (\d+\.\d+\.\d+\S*) \([^)]+\)$/gm)];
	if (lines.length === 0) throw new Error('the list of licences names no package: nothing was checked');
	return Object.fromEntries(lines.map(([, name, version]) => [name!, version!]));
}

function main(): void {
	const files = ['dist/files/otel/THIRD-PARTY-LICENSES.txt', 'dist/libraries/THIRD-PARTY-LICENSES.txt'];
	const dependencies: Record<string, string> = {};
	for (const file of files) {
		let text: string;
		try {
			text = readFileSync(file, 'utf8');
		} catch {
			continue;
		}
		Object.assign(dependencies, bundledPackages(text));
	}
	if (Object.keys(dependencies).length === 0)
		throw new Error('dist names no bundled package. Run npm run build before');
	const dir = mkdtempSync(join(tmpdir(), 'audit-bundled-'));
	try {
		writeFileSync(join(dir, 'package.json'), JSON.stringify({ private: true, dependencies }));
		const options = { cwd: dir, stdio: 'inherit', shell: process.platform === 'win32' } as const;
		// they are bundled together, so peer conflicts do not matter
		const flags = [
			'--package-lock-only',
			'--ignore-scripts',
			'--legacy-peer-deps',
			'--no-fund',
			'--no-audit'
		];
		execFileSync('npm', ['install', ...flags], options);
		execFileSync('npm', ['audit', '--omit=dev'], options);
		console.log(`No advisory for ${Object.keys(dependencies).length} bundled packages`);
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
	try {
		main();
	} catch (error) {
		console.error((error as Error).message);
		process.exitCode = 1;
	}
}
