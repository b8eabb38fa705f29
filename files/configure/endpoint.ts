import { type Environment, type Variable } from './variable.ts';
import { withoutSecrets } from './parse.ts';
import { PROTOCOLS, VARIABLES } from './variables.ts';

/** Where and how spans leave the process over OTLP. */
export interface OtlpSettings {
	protocol: (typeof PROTOCOLS)[number];
	/** The full URL, path included. */
	url: string;
	headers: Record<string, string>;
	timeoutMs: number;
	compression: 'gzip' | 'none';
	/** Paths of PEM files. */
	certificate?: string;
	clientCertificate?: string;
	clientKey?: string;
}

/**
 * Reads the variables of the OTLP exporter
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
 *
 * @param env where from
 */
export function readOtlpSettings(env: Environment): OtlpSettings {
	const protocol = either(env, VARIABLES.protocol) ?? 'http/protobuf';
	return {
		protocol,
		url: readUrl(env, protocol === 'grpc'),
		headers: { ...env.read(VARIABLES.headers.all), ...env.read(VARIABLES.headers.traces) },
		timeoutMs: either(env, VARIABLES.timeout) ?? 10_000,
		compression: either(env, VARIABLES.compression) ?? 'none',
		...optional('certificate', either(env, VARIABLES.certificate)),
		...optional('clientCertificate', either(env, VARIABLES.clientCertificate)),
		...optional('clientKey', either(env, VARIABLES.clientKey))
	};
}

/** The variable for traces before the one for all signals; an invalid one counts as unset. */
function either<T>(env: Environment, variable: { traces: Variable<T>; all: Variable<T> }): T | undefined {
	return env.read(variable.traces) ?? env.read(variable.all);
}

const optional = <K extends string>(key: K, value: string | undefined) =>
	value === undefined ? {} : ({ [key]: value } as Record<K, string>);

function readUrl(env: Environment, grpc: boolean): string {
	const traces = env.read(VARIABLES.endpoint.traces);
	if (traces) {
		warnOfPort(env, VARIABLES.endpoint.traces, traces, grpc);
		return traces.href;
	}

	const base = env.read(VARIABLES.endpoint.all);
	if (grpc) {
		if (base) warnOfPort(env, VARIABLES.endpoint.all, base, grpc);
		return base?.href ?? 'http://localhost:4317/';
	}
	if (!base) return 'http://localhost:4318/v1/traces';

	if (/\/v1\/traces\/?$/.test(base.pathname)) {
		env.warn(
			VARIABLES.endpoint.all.name,
			`${VARIABLES.endpoint.all.name} is "${withoutSecrets(base.href)}", which ends in /v1/traces already: it is used as it is, /v1/traces is not appended twice. Expected the base URL, or ${VARIABLES.endpoint.traces.name}`
		);
		return base.href;
	}
	warnOfPort(env, VARIABLES.endpoint.all, base, grpc);
	base.pathname = `${base.pathname.replace(/\/$/, '')}/v1/traces`;
	return base.href;
}

/** 4317 is gRPC's port and 4318 HTTP's: the other way round is the commonest mistake there is. */
function warnOfPort(env: Environment, { name }: Variable<URL>, url: URL, grpc: boolean): void {
	const [wrong, right, protocol] = grpc ? ['4318', '4317', 'grpc'] : ['4317', '4318', 'an HTTP protocol'];
	if (url.port !== wrong) return;
	env.warn(
		name,
		`${name} is "${withoutSecrets(url.href)}" with ${protocol}: port ${wrong} is used as it is, though collectors listen for ${grpc ? 'HTTP' : 'gRPC'} there. Expected port ${right}, or OTEL_EXPORTER_OTLP_PROTOCOL=${grpc ? 'http/protobuf' : 'grpc'}`
	);
}
