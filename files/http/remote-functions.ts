/** The properties of SvelteKit's remote functions that are read here. */
export interface RemoteFunction {
	/** The hash of its module, a slash, and its name. */
	id: string;
	name: string;
}

/**
 * The remote functions of the build. A caller can send any name, so only names from SvelteKit are used. SvelteKit
 * reports all functions of a module when it loads the module.
 */
export class RemoteFunctions {
	readonly #names = new Map<string, string>();
	/** The path of their calls: `/_app/remote/`, below the app's base path. */
	readonly #path: string;
	/** The part of the path that is used in their routes. */
	readonly #route: string;

	/**
	 * @param base SvelteKit's `paths.base`
	 * @param appDir SvelteKit's `appDir`
	 */
	constructor(base: string, appDir: string) {
		this.#route = `/${appDir}/remote/`;
		this.#path = base + this.#route;
	}

	/** Notes a function that SvelteKit reported. */
	note({ id, name }: RemoteFunction): void {
		if (typeof id === 'string' && typeof name === 'string') this.#names.set(id, name);
	}

	/**
	 * The id of the function that a request calls: hash and name, and what may follow, as the caller sent it.
	 *
	 * @param path of the request
	 * @returns undefined if it is not a call of a remote function
	 */
	idOf(path: string): string | undefined {
		if (!path.includes('remote')) return undefined;
		// normalized as in SvelteKit's URL
		const normal = /\\|\/(\.|%2e)/i.test(path) ? (URL.parse(`http://app${path}`)?.pathname ?? path) : path;
		return normal.startsWith(this.#path) ? normal.slice(this.#path.length) : undefined;
	}

	/** The name of a function of the build; undefined for any other. */
	nameOf(id: string): string | undefined {
		const [hash, name] = id.split('/', 2);
		return this.#names.get(`${hash}/${name}`);
	}

	/** The route of a function: `/_app/remote/[hash]/NAME`. */
	routeOf(id: string): string | undefined {
		const name = this.nameOf(id);
		return name === undefined ? undefined : this.#routeTo(name);
	}

	/** The route for an id that may not exist. Only for matching patterns, never recorded. */
	wouldBeRouteOf(id: string): string {
		return this.#routeTo(id.split('/', 2)[1] ?? '');
	}

	#routeTo(name: string): string {
		return `${this.#route}[hash]/${name}`;
	}
}
