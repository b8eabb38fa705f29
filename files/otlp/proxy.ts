import * as http from 'node:http';
import { BlockList, isIP } from 'node:net';

/** The variables of a proxy: `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, in capitals or not. */
export type ProxyEnv = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that Node itself uses, with `NODE_USE_ENV_PROXY=1` or `--use-env-proxy`. Undefined if it uses none, or
 * is a version without this feature.
 */
export function readProxyEnv(): ProxyEnv | undefined {
	const { proxyEnv } = (http.globalAgent as http.Agent & { options: http.AgentOptions }).options;
	if (!proxyEnv) return undefined;
	// depending on the version, it is the whole environment of the process
	return Object.fromEntries(Object.entries(proxyEnv).filter(([name]) => /^(?:https?|no)_proxy$/i.test(name)));
}

/**
 * The proxy for a URL, by the rules of Node's own agents
 * (https://nodejs.org/api/http.html#built-in-proxy-support). Needed where no agent is used.
 */
export function proxyFor({ protocol, hostname, port }: URL, env: ProxyEnv): URL | undefined {
	const proxy = protocol === 'https:' ? env.https_proxy || env.HTTPS_PROXY : env.http_proxy || env.HTTP_PROXY;
	if (!proxy || !/^https?:\/\//.test(proxy)) return undefined;

	const host = hostname.toLowerCase();
	const isLeftOut = (env.no_proxy || env.NO_PROXY || '')
		.split(',')
		.map((entry) => entry.trim().toLowerCase())
		.some((entry) => matches(entry, host, port));
	return isLeftOut ? undefined : new URL(proxy);
}

function matches(entry: string, host: string, port: string): boolean {
	if (entry === '*' || entry === host || entry === `${host}:${port}`) return true;
	if (entry.startsWith('.')) return host === entry.slice(1) || host.endsWith(entry);
	if (entry.startsWith('*.')) return host.endsWith(entry.slice(1));

	const [from = '', to = ''] = entry.split('-').map((address) => address.trim());
	if (![from, to, host].every((address) => isIP(address) === 4)) return false;
	const range = new BlockList();
	range.addRange(from, to);
	return range.check(host);
}
