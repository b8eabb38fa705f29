import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { createRandom } from './random.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Names of functions, actions and hooks that the app has. */
const FUNCTIONS = ['getPost', 'getPosts', 'addPost', 'likePost', 'failPost', 'getFacts'];
const ACTIONS = ['default', 'success', 'fail', 'redirect', 'expected', 'unexpected'];

/** All names that a build can have: its routes, files, functions and actions with the methods of HTTP. */
export async function namesOf(app: string): Promise<Set<string>> {
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

/** The hash of the app's module of remote functions, from the page `/remote`. */
export function hashIn(html: string): string {
	const hash = /action="[^"]*\?\/remote=([^"%/]+)/.exec(html)?.[1];
	if (!hash) throw new Error(`No remote form in:\n${html}`);
	return hash;
}

/** A server that gets random requests. */
interface Asked {
	url: string;
	fetch(path: string, init?: RequestInit): Promise<Response>;
}

/**
 * Sends requests with made-up paths, methods, headers, actions and ids of remote functions.
 *
 * @param server runs the app with the overlays `remote`, `api` and `traces`
 * @param count how many
 * @param hash the one of the ids of the app's remote functions
 */
export async function sendRandomRequests(server: Asked, count: number, hash: string): Promise<void> {
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
		() => `/remote?/remote=${hash}%2F${word()}`,
		() => `/_app/remote/${hash}/${word()}`,
		() => `/_app/remote/${hash}/${pick(FUNCTIONS)}/${word()}`,
		() => `/_app/remote/${word()}/${pick(FUNCTIONS)}`,
		() => `/x/../_app/remote/${hash}/${word()}`
	];
	for (let index = 0; index < count; index++) {
		const method = pick([...METHODS, 'PROPFIND', 'MKCOL']);
		const response = await server.fetch(pick(paths)(), {
			method,
			redirect: 'manual',
			headers: {
				origin: server.url,
				accept: pick(['text/html', 'application/json']),
				'x-sveltekit-pathname': pick([() => '/blog/a', () => `/${word()}`])(),
				'x-sveltekit-action': pick(['true', word()]),
				'x-http-method-override': word(),
				'content-type': pick(['application/x-www-form-urlencoded', 'application/json', word()])
			},
			...(['POST', 'PUT', 'PATCH'].includes(method) && { body: `${word()}=${word()}` })
		});
		await response.arrayBuffer();
	}
}
