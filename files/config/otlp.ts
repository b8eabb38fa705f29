import type { SignalName } from './signals.ts';
import { type Tls, readTls } from './tls.ts';
import { withoutSecrets } from './url.ts';
import { type Environment, type Variable, quote } from './variable.ts';
import {
	type Compression,
	DEFAULT_ENDPOINTS,
	OTLP_VARIABLES,
	type Protocol,
	asTarget,
	of
} from './variables-otlp.ts';

/** The OTLP exporter settings of a signal. */
export interface OtlpSettings {
	readonly signal: SignalName;
	readonly protocol: Protocol;
	/** The full URL, including the path. */
	readonly url: string;
	/** Header names are in lower case. */
	readonly headers: Record<string, string>;
	/** The time limit of one export, including retries. */
	readonly timeoutMs: number;
	readonly compression: Compression;
	readonly tls: Tls;
	/** Whether they are those of a configuration file: messages then name its keys, not variables. */
	readonly isOfFile?: true;
}

const { endpoint, headers, protocol, timeout, compression, insecure } = OTLP_VARIABLES;

/**
 * Reads the variables of the OTLP exporter; those of the signal have precedence over the general ones
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). Mirrors
 * `getNodeHttpConfigurationFromEnvironment` of `@opentelemetry/otlp-exporter-base` and
 * `getOtlpGrpcConfigurationFromEnv` of `@opentelemetry/otlp-grpc-exporter-base`.
 */
export function readOtlp(env: Environment, signal: SignalName): OtlpSettings {
	const { value } = env.readFirst(of(protocol, signal));
	const url = value === 'grpc' ? readTarget(env, signal) : readUrl(env, signal);
	return {
		signal,
		protocol: value,
		url,
		// headers of both variables are merged
		headers: { ...env.read(headers.all), ...env.read(headers[signal]) },
		timeoutMs: env.readFirst(of(timeout, signal)).value,
		compression: env.readFirst(of(compression, signal)).value,
		tls: readTls(env, signal, url)
	};
}

/** The URL of a signal over HTTP, if none is set. */
export const defaultUrl = (signal: SignalName): string => `${DEFAULT_ENDPOINTS.http}/v1/${signal}`;

/** Over HTTP, the URL of a signal is used as it is; the general URL gets the path of the signal appended. */
function readUrl(env: Environment, signal: SignalName): string {
	const [own, all] = of(endpoint, signal);
	const fallback = defaultUrl(signal);
	const { value: url, variable } = env.readFirst([{ ...own, fallbackText: fallback }, all]);
	checkInsecure(env, signal, url);
	if (!url) return fallback;

	const [path] = /\/v1\/(traces|metrics|logs)\/?$/.exec(url.pathname) ?? [];
	if (variable === all && path !== undefined) {
		const shown = show(url);
		if (!path.includes(signal)) url.pathname = `${url.pathname.slice(0, -path.length)}/v1/${signal}`;
		env.reject(
			{ ...all, expected: `the base URL, or ${own.name}` },
			`is ${shown}, which ends in ${path.replace(/\/$/, '')} already`,
			path.includes(signal) ? 'it is used as it is' : `${withoutSecrets(url.href)} is used for ${signal}`
		);
		return url.href;
	}
	checkPort(env, variable!, url, '4317', 'gRPC', 'port 4318, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc');
	if (variable === all) url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/${signal}`;
	return url.href;
}

/** gRPC endpoints have no path, and may have no scheme. */
function readTarget(env: Environment, signal: SignalName): string {
	const isInsecure = env.readFirst(of(insecure, signal)).value;
	const targets = of(endpoint, signal).map((each) => asTarget(each, !isInsecure));
	const { value: url, variable } = env.readFirst(targets);
	checkInsecure(env, signal, url);
	if (!url) return DEFAULT_ENDPOINTS.grpc;

	if (url.pathname !== '/' || url.search) {
		const problem = `is ${show(url)}, whose path gRPC does not use`;
		env.reject(variable!, problem, `${url.protocol}//${url.host} is used`);
	}
	checkPort(env, variable!, url, '4318', 'HTTP', 'port 4317, or OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf');
	return `${url.protocol}//${url.host}`;
}

/** Warns if `OTEL_EXPORTER_OTLP_INSECURE` is true but the URL is `https`: the scheme has precedence. */
function checkInsecure(env: Environment, signal: SignalName, url: URL | undefined): void {
	const { value, variable } = env.readFirst(of(insecure, signal));
	if (!value || url?.protocol !== 'https:') return;
	env.reject(
		{ ...variable!, expected: 'an http:// endpoint, or no scheme with gRPC' },
		`is true, but ${show(url)} asks for TLS`,
		'TLS is used'
	);
}

/** Warns if the port is the default of the other protocol (gRPC 4317, HTTP 4318), which is a common mistake. */
function checkPort(
	env: Environment,
	variable: Variable<URL>,
	url: URL,
	wrong: string,
	listener: string,
	expected: string
): void {
	if (url.port !== wrong) return;
	const problem = `is ${show(url)}, where collectors listen for ${listener}`;
	env.reject({ ...variable, expected }, problem, 'it is used as it is');
}

const show = (url: URL): string => quote(withoutSecrets(url.href));
