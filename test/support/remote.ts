import type { RunningServer } from './server.ts';

/** Calls the remote functions of a page as Kit's client does. */
export interface RemoteClient {
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
export async function remoteClient(server: RunningServer, page: string): Promise<RemoteClient> {
	const html = await (await server.fetch(page)).text();
	const hash = /action="[^"]*\?\/remote=([^"%/]+)/.exec(html)?.[1];
	if (!hash) throw new Error(`No remote form in ${page}:\n${html}`);

	const headers = { origin: server.origin, 'content-type': 'application/json' };
	const call = (name: string, init: RequestInit = {}, query = ''): Promise<Response> =>
		server.fetch(`/_app/remote/${hash}/${name}${query}`, { headers, ...init });
	const post = (name: string, body: unknown): Promise<Response> =>
		call(name, { method: 'POST', body: JSON.stringify(body) });
	return {
		query: (name, arg) => call(name, {}, `?payload=${encode(arg)}`),
		batch: (name, args) => post(name, { payloads: args.map(encode) }),
		command: (name, arg) => post(name, { payload: encode(arg), refreshes: [] }),
		form: (name, fields) => server.submit(`${page}?/remote=${hash}%2F${name}`, fields)
	};
}

/** Kit sends arguments as `devalue` writes them, which for a primitive is an array of one, in base64url. */
function encode(arg: Primitive | undefined): string {
	return arg === undefined ? '' : Buffer.from(JSON.stringify([arg])).toString('base64url');
}
