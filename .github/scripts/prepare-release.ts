/*
 * Writes `repository`, `bugs` and `homepage` into package.json, from the repository that the release workflow
 * runs in. npm refuses provenance without `repository`, and messages name `bugs`. Nothing is made up: without
 * the variables that GitHub sets, it fails.
 *
 *   node .github/scripts/prepare-release.ts          writes the fields
 *   node .github/scripts/prepare-release.ts --check  fails unless package.json has them
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

/**
 * The fields of a repository on GitHub.
 *
 * @param env with `GITHUB_SERVER_URL` and `GITHUB_REPOSITORY`, as GitHub Actions sets them
 * @throws {Error} when one of them is missing or malformed
 */
export function repositoryFields(env: NodeJS.ProcessEnv): object {
	const { GITHUB_SERVER_URL: server = '', GITHUB_REPOSITORY: name = '' } = env;
	if (!/^https:\/\/[\w.-]+$/.test(server) || !/^[\w.-]+\/[\w.-]+$/.test(name)) {
		throw new Error(
			'GITHUB_SERVER_URL and GITHUB_REPOSITORY do not name a repository: nothing was written. Run this in a workflow, or set both, such as https://github.com and OWNER/NAME'
		);
	}
	const url = `${server}/${name}`;
	return {
		repository: { type: 'git', url: `git+${url}.git` },
		bugs: { url: `${url}/issues` },
		homepage: `${url}#readme`
	};
}

/**
 * Refuses a package.json that npm would refuse.
 *
 * @throws {Error} when a field is missing
 */
export function checkFields(manifest: object): void {
	const missing = ['repository.url', 'bugs.url', 'homepage'].filter(
		(path) =>
			!path
				.split('.')
				.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], manifest)
	);
	if (missing.length === 0) return;
	throw new Error(
		`package.json has no ${missing.join(', ')}: it is not published. Run node .github/scripts/prepare-release.ts before`
	);
}

/**
 * Writes the fields, or checks them.
 *
 * @param file the package.json
 * @param args `--check` to check
 * @param env see {@link repositoryFields}
 * @throws {Error} with what is missing, and what to do
 */
export function main(file: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
	const text = readFileSync(file, 'utf8');
	const manifest = JSON.parse(text) as object;
	if (args.includes('--check')) return checkFields(manifest);
	Object.assign(manifest, repositoryFields(env));
	writeFileSync(file, `${JSON.stringify(manifest, null, '\t')}\n`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
	try {
		main('package.json', process.argv.slice(2), process.env);
	} catch (error) {
		console.error((error as Error).message);
		process.exitCode = 1;
	}
}
