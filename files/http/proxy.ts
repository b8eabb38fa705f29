import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** The schemes of HTTP. */
export type Scheme = 'http' | 'https';

/**
 * Reads adapter-node's proxy variables in the same way as adapter-node, for requests that SvelteKit has not
 * handled (yet).
 * (https://svelte.dev/docs/kit/adapter-node#Environment-variables)
 */
export interface Proxy {
	/** The client address, from `ADDRESS_HEADER` and `XFF_DEPTH`, or the peer address if they are not set. */
	clientAddress(req: IncomingMessage): string | undefined;
	/** The requested origin, from `ORIGIN`, `PROTOCOL_HEADER`, `HOST_HEADER` and `PORT_HEADER`. */
	origin(req: IncomingMessage): string | undefined;
	/** The scheme of the origin; `https` if it is not known, as adapter-node assumes. */
	scheme(req: IncomingMessage): Scheme;
}

/**
 * @param env the process environment
 * @param envPrefix adapter-node's option
 * @param configuredOrigin SvelteKit 3's `paths.origin`; earlier versions use `ORIGIN`
 */
export function createProxy(env: NodeJS.ProcessEnv, envPrefix: string, configuredOrigin?: string): Proxy {
	const read = (name: string): string | undefined => env[envPrefix + name];
	const header = (name: string): string => read(name)?.toLowerCase() ?? '';

	const addressHeader = header('ADDRESS_HEADER');
	const depth = Number.parseInt(read('XFF_DEPTH') ?? '1', 10);
	const protocolHeader = header('PROTOCOL_HEADER');
	const hostHeader = header('HOST_HEADER');
	const portHeader = header('PORT_HEADER');
	const fixedOrigin = configuredOrigin ?? read('ORIGIN');
	const fixedScheme = fixedOrigin ? schemeOf(fixedOrigin.split(':')[0]) : undefined;

	return {
		clientAddress(req) {
			if (!addressHeader) return req.socket?.remoteAddress;
			const value = first(req.headers[addressHeader]);
			if (addressHeader !== 'x-forwarded-for') return value;
			return depth > 0 ? value?.split(',').at(-depth)?.trim() : undefined;
		},
		scheme: (req) => fixedScheme ?? schemeOf(first(req.headers[protocolHeader])),
		origin(req) {
			if (fixedOrigin) return fixedOrigin;
			const host =
				first(req.headers[hostHeader]) ?? first(req.headers.host) ?? first(req.headers[':authority']);
			if (!host) return undefined;
			const port = first(req.headers[portHeader]);
			return `${first(req.headers[protocolHeader]) ?? 'https'}://${host}${port ? `:${port}` : ''}`;
		}
	};
}

/** For dev and preview servers, without a proxy or adapter-node: the values of the request itself. */
export const directProxy: Proxy = {
	clientAddress: (req) => req.socket?.remoteAddress,
	scheme: (req) => ((req.socket as Partial<TLSSocket> | undefined)?.encrypted ? 'https' : 'http'),
	origin(req) {
		const host = first(req.headers.host) ?? first(req.headers[':authority']);
		return host && `${directProxy.scheme(req)}://${host}`;
	}
};

const schemeOf = (value: string | undefined): Scheme => (value === 'http' ? 'http' : 'https');

const first = (value: string | string[] | undefined): string | undefined =>
	Array.isArray(value) ? value[0] : value;
