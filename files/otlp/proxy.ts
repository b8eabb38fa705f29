import * as http from 'node:http';

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
