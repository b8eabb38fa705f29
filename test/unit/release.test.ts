import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { bundledPackages } from '../../.github/scripts/audit-bundled.ts';
import { main } from '../../.github/scripts/prepare-release.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const GITHUB = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'owner/name' };

function writeManifest(manifest: object): string {
	const file = path.join(makeTempDir(), 'package.json');
	writeFileSync(file, JSON.stringify(manifest));
	return file;
}

describe('the release', () => {
	test('writes the repository that the workflow runs in into package.json', () => {
		const file = writeManifest({ name: 'adapter-node-otel', version: '0.1.0' });
		main(file, [], GITHUB);
		expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
			name: 'adapter-node-otel',
			version: '0.1.0',
			repository: { type: 'git', url: 'git+https://github.com/owner/name.git' },
			bugs: { url: 'https://github.com/owner/name/issues' },
			homepage: 'https://github.com/owner/name#readme'
		});
		expect(() => main(file, ['--check'], {})).not.toThrow();
	});

	test.each([
		['no variables', {}],
		['no server', { GITHUB_REPOSITORY: 'owner/name' }],
		['a name that is no repository', { ...GITHUB, GITHUB_REPOSITORY: 'name' }]
	])('writes nothing with %s', (_, env) => {
		const file = writeManifest({ name: 'a' });
		expect(() => main(file, [], env)).toThrow('nothing was written');
		expect(readFileSync(file, 'utf8')).toBe('{"name":"a"}');
	});

	test.each([
		['repository.url', { bugs: { url: 'x' }, homepage: 'x' }],
		['bugs.url', { repository: { url: 'x' }, homepage: 'x' }],
		['homepage', { repository: { url: 'x' }, bugs: { url: 'x' } }]
	])('refuses to publish without %s', (field, manifest) => {
		expect(() => main(writeManifest(manifest), ['--check'], {})).toThrow(`package.json has no ${field}`);
	});

	test('publishes only what it has checked, after the tests', () => {
		const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
		const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
		expect(scripts['release']).toMatch(/prepare-release\.ts && .*--check && changeset publish$/);
		expect(read('.github/workflows/release.yml')).toMatch(/needs: test[^]*run: npm run release/);
	});
});

test('the audit knows every package in the list of licences', () => {
	expect(
		bundledPackages('@opentelemetry/api 1.10.0 (Apache-2.0)\nyaml 2.9.1 (ISC)\n\nPermission 1.0.0 to use\n')
	).toEqual({ '@opentelemetry/api': '1.10.0', yaml: '2.9.1' });
	expect(() => bundledPackages('nothing')).toThrow('nothing was checked');
});
