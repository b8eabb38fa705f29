import { subscribe } from 'node:diagnostics_channel';
import type { Server } from 'node:net';
import type { DevEnvironment, ResolvedConfig } from 'vite';
import { isMainThread } from 'node:worker_threads';
import type { Middleware } from '../../files/types/dev.d.ts';
import { explainMissingFlag } from '../checks/tracing-flag.ts';
import { TRACING_FLAG } from '../kit/globals.ts';
import { findOptionsPlace } from '../project/options-place.ts';
import { versionOf } from '../project/project.ts';
import { importVite } from '../project/vite.ts';
import { type AdapterFacts, DevServer } from './dev-server.ts';
import { argument, guessFacts } from './guess-facts.ts';
import { isOfVitest, readFacts } from './server-facts.ts';
import { startLine } from './start-line.ts';
import { watchTransforms } from './transforms.ts';

/** The diagnostics channel on which Node reports every server that has started to listen. */
const LISTENING = 'tracing:net.server.listen:asyncEnd';

/** Vite's server, made by `connect`: a function with the list of handlers that it calls in order. */
type Connect = Middleware & { stack: { route: string; handle: Middleware }[] };

/** The current server: Vite restarts in the same process. */
let current: DevServer | undefined;

/** The servers that already have our handlers. */
const prepared = new WeakSet<object>();

/**
 * SvelteKit 2: traces the requests of Vite's dev and preview servers. SvelteKit calls the adapter's
 * `emulate` there, which is the only hook that an adapter has in these servers.
 *
 * @param adapter what the adapter provides
 * @param out the directory of the built server
 */
export async function traceEmulated(adapter: AdapterFacts, out: string): Promise<void> {
	// SvelteKit also calls it during prerendering, in a separate thread
	if (!isMainThread || process.env['SVELTEKIT_FORK']) return;

	if (!isSubscribed) subscribe(LISTENING, (message) => prepare((message as { server: Server }).server));
	isSubscribed = true;
	const command = process.argv.includes('preview') ? 'preview' : 'dev';
	// Vite 5 does not have it
	const { DevEnvironment: environment } = (await importVite()) as Partial<typeof import('vite')>;
	if (command === 'dev' && environment) return watchListen(environment.prototype, adapter);

	const { missingFlag, ...facts } = await guessFacts(command, out);
	current = new DevServer(adapter, facts);
	current.notice = missingFlag && `This build cannot trace requests. ${missingFlag}.`;
	await current.begin();
}

let isSubscribed = false;

/** The adapter of the server that starts; Vite reads its configuration again when it restarts. */
let latest: AdapterFacts;
let isListenWatched = false;

/** Starts when Vite starts to listen: its configuration is complete then. */
function watchListen(environment: DevEnvironment, adapter: AdapterFacts): void {
	latest = adapter;
	if (isListenWatched) return;
	isListenWatched = true;
	/** By configuration: a server that restarts stays the same object. */
	const begun = new WeakMap<ResolvedConfig, Promise<void>>();
	const { listen } = environment;
	environment.listen = async function (server) {
		const { config } = server;
		if (!begun.has(config)) begun.set(config, begin(config, environment));
		await begun.get(config);
		return Reflect.apply(listen, this, [server]) as ReturnType<typeof listen>;
	};
}

async function begin(config: ResolvedConfig, environment: DevEnvironment): Promise<void> {
	if (isOfVitest(config)) return;
	current = new DevServer(latest, readFacts('dev', config, false));
	current.notice = await findNotice(config);
	await current.begin();
	watchTransforms(environment, current);
}

/** What to say where SvelteKit makes no spans. */
async function findNotice({ define, root }: ResolvedConfig): Promise<string | undefined> {
	if (!define || !(TRACING_FLAG in define) || String(define[TRACING_FLAG]) === 'true') return undefined;
	const kit = versionOf('@sveltejs/kit', root) ?? '2';
	return explainMissingFlag(kit, 'this server', await findOptionsPlace(root, kit));
}

/** Adds our handlers before SvelteKit's: to Vite's server, or before the handlers of a custom server. */
function prepare(server: Server): void {
	const listeners = server.listeners('request') as Middleware[];
	const connect = listeners.find(isConnect);
	if (!current || listeners.length === 0 || prepared.has(connect ?? server)) return;
	prepared.add(connect ?? server);

	if (connect) {
		const { stack } = connect;
		// the last handler that is not an error handler; error handlers take four arguments
		const kit = stack.findLastIndex(({ handle }) => handle.length < 4);
		stack.splice(kit, 0, { route: '', handle: trace });
		// after Vite's own check of the host
		const check = stack.findIndex(({ handle }) => handle.name === 'hostValidationMiddleware');
		stack.splice(check + 1, 0, { route: '', handle: servePage });
		nameThePage(server);
		return;
	}
	server.removeAllListeners('request');
	server.on('request', (...[req, res]: Parameters<Middleware>) =>
		servePage(req, res, () =>
			trace(req, res, () => listeners.forEach((listener) => Reflect.apply(listener, server, [req, res])))
		)
	);
}

const trace: Middleware = (req, res, next) => current!.trace(req, res, next);

const servePage: Middleware = (req, res, next) => current!.servePage(req, res, next);

/** The time that Vite needs to resolve its own addresses before it prints them. */
const PRINT_AFTER_MS = 100;

/** Prints one more line below Vite's startup lines. */
function nameThePage(server: Server): void {
	const address = server.address();
	if (typeof address !== 'object' || !address) return;
	const host = argument('--host') === address.address ? address.address : 'localhost';
	const scheme = 'setSecureContext' in server ? 'https' : 'http';
	const line = startLine(`${scheme}://${host}:${address.port}${current!.facts.base}/__otel`);
	setTimeout(() => process.stdout.write(`${line}\n`), PRINT_AFTER_MS).unref();
}

const isConnect = (listener: Middleware): listener is Connect =>
	'stack' in listener &&
	Array.isArray(listener.stack) &&
	(listener as Connect).stack.every(({ handle }) => typeof handle === 'function');
