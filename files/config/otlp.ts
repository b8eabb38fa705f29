import { type Tls, readTls } from './tls.ts';
import { withoutSecrets } from './url.ts';
import { type Environment, type Variable, quote } from './variable.ts';
import { type Compression, OTLP_VARIABLES, type Protocol, asTarget } from './variables-otlp.ts';

/** Where and how spans leave the process over OTLP. */
export interface OtlpSettings {
	readonly protocol: Protocol;
	/** The full URL, path included. */
	readonly url: string;
	/** Their names in lower case. */
	readonly headers: Record<string, string>;
	/** The bound of one export, retries included. */
	readonly timeoutMs: number;
	readonly compression: Compression;
	readonly tls: Tls;
}

const { endpoint, headers, protocol, timeout, compression, insecure } = OTLP_VARIABLES;

/**
 * Reads the variables of the OTLP exporter: the one for traces before the one for all signals
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). Mirrors
 * `getNodeHttpConfigurationFromEnvironment` of `@opentelemetry/otlp-exporter-base` and
 * `getOtlpGrpcConfigurationFromEnv` of `@opentelemetry/otlp-grpc-exporter-base`.
 */
export function readOtlp(env: Environment): OtlpSettings {
	const { value } = env.readFirst(protocol);
	const url = value === 'grpc' ? readTarget(env) : readUrl(env);
	return {
		protocol: value,
		url,
		// these two go together, header by header
		headers: { ...env.read(headers[1]), ...env.read(headers[0]) },
		timeoutMs: env.readFirst(timeout).value,
		compression: env.readFirst(compression).value,
		tls: readTls(env, url)
	};
}

/** Over HTTP the URL for traces is used as it is, the one for all signals gets a path appended. */
function readUrl(env: Environment): string {
	const [traces, all] = endpoint;
	const { value: url, variable } = env.readFirst(endpoint);
	checkInsecure(env, url);
	if (!url) return 'http://localhost:4318/v1/traces';

	if (variable === all && /\/v1\/traces\/?$/.test(url.pathname)) {
		env.reject(
			{ ...all, expected: `the base URL, or ${traces.name}` },
			`is ${show(url)}, which ends in /v1/traces already`,
			'it is used as it is'
		);
		return url.href;
	}
	checkPort(env, variable!, url, '4317', 'gRPC', 'port 4318, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc');
	if (variable === all) url.pathname = `${url.pathname.replace(/\/+$/, '')}/v1/traces`;
	return url.href;
}

/** gRPC has no use for a path, and takes a target without a scheme. */
function readTarget(env: Environment): string {
	const isInsecure = env.readFirst(insecure).value;
	const { value: url, variable } = env.readFirst(endpoint.map((each) => asTarget(each, !isInsecure)));
	checkInsecure(env, url);
	if (!url) return 'http://localhost:4317';

	if (url.pathname !== '/' || url.search) {
		const problem = `is ${show(url)}, whose path gRPC does not use`;
		env.reject(variable!, problem, `${url.protocol}//${url.host} is used`);
	}
	checkPort(env, variable!, url, '4318', 'HTTP', 'port 4317, or OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf');
	return `${url.protocol}//${url.host}`;
}

/** Whether TLS is used is for the scheme to say; the variable is for a target that has none. */
function checkInsecure(env: Environment, url: URL | undefined): void {
	const { value, variable } = env.readFirst(insecure);
	if (!value || url?.protocol !== 'https:') return;
	env.reject(
		{ ...variable!, expected: 'an http:// endpoint, or no scheme with gRPC' },
		`is true, but ${show(url)} asks for TLS`,
		'TLS is used'
	);
}

/** 4317 is gRPC's port and 4318 HTTP's: the other way round is the commonest mistake there is. */
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
