import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildApp } from '../support/app.ts';
import { remoteClient } from '../support/remote.ts';
import { startTraced } from '../support/traced-server.ts';
import { matrix } from '../support/matrix.ts';
import { createRandom } from '../reliability/hostile-request.ts';

const REQUESTS = 400;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Names of functions, actions and hooks that the app has. */
const FUNCTIONS = ['getPost', 'getPosts', 'addPost', 'likePost', 'failPost', 'getFacts'];
const ACTIONS = ['default', 'success', 'fail', 'redirect', 'expected', 'unexpected'];

/** All names that a build can have: its routes, files, functions and actions with the methods of HTTP. */
async function namesOf(app: string): Promise<Set<string>> {
	const files = await readdir(path.join(app, 'src/routes'), { recursive: true });
	const slashed = files.map((file) => file.replaceAll('\\', '/'));
	const routes = [
		...new Set(
			slashed.filter((file) => /\+(page|server)\b/.test(file)).map((file) => path.posix.dirname(file))
		)
	].map((route) => (route === '.' ? '/' : `/${route}`));
	const remote = FUNCTIONS.map((name) => `/_app/remote/[hash]/${name}`);
	return new Set([
		'sveltekit.resolve',
		'sveltekit.render',
		'sveltekit.handle_error',
		'sveltekit.remote.call',
		'sveltekit.remote.form.post',
		'sveltekit.form_action',
		'custom',
		'custom.child',
		...['first', 'second'].map((name) => `sveltekit.handle.sequenced.${name}`),
		...slashed.filter((file) => /\+.*\.js$/.test(file)).map((file) => `sveltekit.load ${file}`),
		...ACTIONS.map((name) => `sveltekit.form_action ${name}`),
		...FUNCTIONS.flatMap((name) => [`sveltekit.remote.call ${name}`, `sveltekit.remote.form.post ${name}`]),
		...[...METHODS, 'HTTP'].flatMap((method) => [
			method,
			...[...routes, ...remote].map((route) => `${method} ${route}`),
			...routes.map((route) => `sveltekit.endpoint ${method} ${route}`)
		])
	]);
}

describe.each(['kit-2', 'kit-3'] as const)('%s: names of spans', (combination) => {
	test(`are a function of the build, after ${REQUESTS} requests of strangers`, async () => {
		const app = await buildApp({ combination, overlays: ['remote', 'api', 'traces'] });
		await using traced = await startTraced(app.build);
		const { server, receiver } = traced;
		const remote = await remoteClient(server, '/remote', matrix[combination].generation);
		await remote.query('getPost', '1');
		const names = await namesOf(app.dir);

		const random = createRandom(7);
		const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
		const word = (): string =>
			Array.from({ length: 1 + Math.floor(random() * 9) }, () => pick([...'abcxyz09%25-_.~'])).join('');
		const paths = [
			() => `/${word()}/${word()}`,
			() => `/blog/${word()}`,
			() => `/blog/${word()}/__data.json?x-sveltekit-invalidated=${word()}`,
			() => `/api/post/${word()}`,
			() => `/actions/named?/${word()}`,
			() => `/actions?/${pick(['toString', 'constructor', '__proto__', 'valueOf'])}`,
			() => `/remote?/remote=${remote.hash}%2F${word()}`,
			() => `/_app/remote/${remote.hash}/${word()}`,
			() => `/_app/remote/${remote.hash}/${pick(FUNCTIONS)}/${word()}`,
			() => `/_app/remote/${word()}/${pick(FUNCTIONS)}`,
			() => `/x/../_app/remote/${remote.hash}/${word()}`
		];
		for (let index = 0; index < REQUESTS; index++) {
			const method = pick([...METHODS, 'PROPFIND', 'MKCOL']);
			const response = await server.fetch(pick(paths)(), {
				method,
				redirect: 'manual',
				headers: {
					origin: server.origin,
					accept: pick(['text/html', 'application/json']),
					'x-sveltekit-pathname': pick([() => '/blog/a', () => `/${word()}`])(),
					'x-sveltekit-action': pick(['true', word()])
				},
				...(['POST', 'PUT', 'PATCH'].includes(method) && {
					body: new URLSearchParams({ [word()]: word() })
				})
			});
			await response.arrayBuffer();
		}
		await traced.trace('/');
		const unexpected = receiver.spans.map(({ name }) => name).filter((name) => !names.has(name));
		expect([...new Set(unexpected)]).toEqual([]);
		// nothing was left out either
		expect(receiver.spans.filter(({ kind }) => kind === 'SERVER').length).toBeGreaterThan(REQUESTS * 0.9);
	});
});
