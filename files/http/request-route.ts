import type { Attributes } from '@opentelemetry/api';
import { ATTR_HTTP_ROUTE } from '@opentelemetry/semantic-conventions';
import { UNKNOWN } from '../sdk/kit-names.ts';
import type { RemoteFunctions } from './remote-functions.ts';

/**
 * The route of a request that SvelteKit handles. For the call of a remote function, SvelteKit's own is the route of
 * a page, which the caller sends: the route of the function takes its place.
 */
export class RequestRoute {
	/** The route to report. Undefined if there is none, or if SvelteKit has not reported the remote function yet. */
	readonly known: string | undefined;
	/** The route to match against patterns. It is never reported, because it may not be in the build. */
	readonly matched: string | undefined;
	/** SvelteKit's own. */
	readonly #kit: unknown;
	/** The id of the remote function, if it is a call of one. */
	readonly #remoteId: string | undefined;
	readonly #remotes: RemoteFunctions;

	/**
	 * @param path the path of the request
	 * @param kit SvelteKit's attributes of the root span
	 * @param remotes the known remote functions
	 */
	constructor(path: string, kit: Attributes, remotes: RemoteFunctions) {
		this.#kit = kit[ATTR_HTTP_ROUTE];
		this.#remotes = remotes;
		const remoteId = (this.#remoteId = remotes.idOf(path));
		if (remoteId === undefined) {
			this.known = this.#kit === UNKNOWN ? undefined : (this.#kit as string | undefined);
			this.matched = this.known;
		} else {
			this.known = remotes.routeOf(remoteId);
			this.matched = remotes.wouldBeRouteOf(remoteId);
		}
	}

	/** The route of a remote function, also if SvelteKit has reported it only since: at the first call of its module. */
	get late(): string | undefined {
		return this.#remoteId === undefined ? undefined : this.#remotes.routeOf(this.#remoteId);
	}

	/** Replaces the route that a caller sent in SvelteKit's attributes of a span. */
	correct(kit: Attributes): Attributes {
		if (this.#remoteId === undefined || kit[ATTR_HTTP_ROUTE] !== this.#kit) return kit;
		return { ...kit, [ATTR_HTTP_ROUTE]: this.known ?? UNKNOWN };
	}
}
