/** The URL of a request, as undici's diagnostics channels publish it. */
interface Published {
	origin: string | URL;
	path: string;
}

/**
 * The origin and the path of a request to another server. Behind a proxy (`NODE_USE_ENV_PROXY=1`), undici 8
 * publishes an `http:` request with the proxy as the origin, and the whole URL as the path.
 */
export function targetOf({ origin, path }: Published): { origin: string; path: string } {
	if (!/^https?:\/\//i.test(path) || !URL.canParse(path)) return { origin: String(origin), path };
	const url = new URL(path);
	return { origin: url.origin, path: url.pathname + url.search };
}

/**
 * Whether another response follows, such as after 103 Early Hints: undici publishes the headers of both. After 101,
 * the protocol changes.
 */
export const isInformational = (statusCode: number): boolean => statusCode < 200 && statusCode !== 101;
