/** What SvelteKit knows of a remote function, as far as it is read here. */
export interface RemoteFunction {
	/** The hash of its module, a slash, its name. */
	id: string;
	name: string;
}

/**
 * The remote functions of the build. A caller can ask for any name, so a name is known only from SvelteKit,
 * which tells of all functions of a module when it loads it.
 */
export class RemoteFunctions {
	readonly #names = new Map<string, string>();
	/** Where they are called, `/_app/remote/`, below the app's base path. */
	readonly #path: string;
	/** The part of it that belongs to their routes. */
	readonly #route: string;

	/**
	 * @param base SvelteKit's `paths.base`
	 * @param appDir SvelteKit's `appDir`
	 */
	constructor(base: string, appDir: string) {
		this.#route = `/${appDir}/remote/`;
		this.#path = base + this.#route;
	}

	/** SvelteKit tells of one. */
	note({ id, name }: RemoteFunction): void {
		if (typeof id === 'string' && typeof name === 'string') this.#names.set(id, name);
	}

	/**
	 * What a request asks for: hash and name, and what may follow, as a caller has sent it.
	 *
	 * @param path of the request
	 * @returns undefined when it is no call of a remote function
	 */
	idOf(path: string): string | undefined {
		if (!path.includes('remote')) return undefined;
		// as SvelteKit's URL has it
		const normal = /\\|\/(\.|%2e)/i.test(path) ? (URL.parse(`http://app${path}`)?.pathname ?? path) : path;
		return normal.startsWith(this.#path) ? normal.slice(this.#path.length) : undefined;
	}

	/** The name of a function of the build; undefined for any other. */
	nameOf(id: string): string | undefined {
		const [hash, name] = id.split('/', 2);
		return this.#names.get(`${hash}/${name}`);
	}

	/** The route of one, `/_app/remote/[hash]/NAME`. */
	routeOf(id: string): string | undefined {
		const name = this.nameOf(id);
		return name === undefined ? undefined : this.#routeTo(name);
	}

	/** What a route would be if there were such a function: to be matched, never to be shown. */
	wouldBeRouteOf(id: string): string {
		return this.#routeTo(id.split('/', 2)[1] ?? '');
	}

	#routeTo(name: string): string {
		return `${this.#route}[hash]/${name}`;
	}
}
