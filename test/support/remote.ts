import type { Combination } from './matrix.ts';
import { hashIn } from './random-requests.ts';
import type { RunningServer } from './server.ts';

/** Calls the remote functions of a page as Kit's client does. */
export interface RemoteClient {
	/** Of the module, as its ids have it. */
	hash: string;
	query(name: string, arg?: Primitive): Promise<Response>;
	batch(name: string, args: Primitive[]): Promise<Response>;
	command(name: string, arg?: Primitive): Promise<Response>;
	/** The form as a browser without JavaScript sends it, to the page. */
	form(name: string, fields: Record<string, string>): Promise<Response>;
}

type Primitive = string | number | boolean;

/**
 * Learns from a page with a remote form how the functions of its module are called: their ids hold a
 * hash of the module's path.
 */
export async function remoteClient(
	server: Pick<RunningServer, 'origin' | 'fetch' | 'submit'>,
	page: string,
	generation: Combination['generation']
): Promise<RemoteClient> {
	const html = await (await server.fetch(page)).text();
	const hash = hashIn(html);

	const base = { origin: server.origin, 'content-type': 'application/json' };
	const withPage = { ...base, 'x-sveltekit-pathname': page, 'x-sveltekit-search': '' };
	// Queries say where they are called from in Kit 2 only.
	const ofQuery = generation === 2 ? withPage : base;
	const path = (name: string): string => `/_app/remote/${hash}/${name}`;
	const post = (name: string, headers: Record<string, string>, body: unknown): Promise<Response> =>
		server.fetch(path(name), { method: 'POST', headers, body: JSON.stringify(body) });
	return {
		hash,
		query: (name, arg) => server.fetch(`${path(name)}?payload=${encode(arg)}`, { headers: ofQuery }),
		batch: (name, args) => post(name, ofQuery, { payloads: args.map(encode) }),
		command: (name, arg) => post(name, withPage, { payload: encode(arg), refreshes: [] }),
		form: (name, fields) => {
			// Kit 3 adds the form's id to the names of its inputs.
			const suffix = html.includes(`/${hash}/${name}" value`) ? `/${hash}/${name}` : '';
			const inputs = Object.entries(fields).map(([key, value]) => [`${key}${suffix}`, value]);
			return server.submit(`${page}?/remote=${hash}%2F${name}`, Object.fromEntries(inputs));
		}
	};
}

/** Kit sends arguments as `devalue` writes them, which for a primitive is an array of one, in base64url. */
function encode(arg: Primitive | undefined): string {
	return arg === undefined ? '' : Buffer.from(JSON.stringify([arg])).toString('base64url');
}
