import { readFileSync } from 'node:fs';
import { SIGNALS, type SignalName } from './signals.ts';
import { flag, milliseconds } from './kinds.ts';
import { parseHeaders, parseName } from './parse.ts';
import { parseTarget, parseUrl, showUrl } from './url.ts';
import { ValidationError, type Variable } from './variable.ts';

/** The protocols of OTLP. */
export const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;

/** The name of a protocol. */
export type Protocol = (typeof PROTOCOLS)[number];

/** The compression of exports. */
export type Compression = 'gzip' | 'none';

/** The variable for all signals, and the variables for each signal, which have precedence. */
export type OtlpVariable<T, F extends T | undefined> = Record<SignalName | 'all', Variable<T, F>>;

function otlp<T, F extends T | undefined>(
	name: string,
	variable: Omit<Variable<T, F>, 'name'>
): OtlpVariable<T, F> {
	const named = [
		...SIGNALS.map((signal) => [signal, `OTEL_EXPORTER_OTLP_${signal.toUpperCase()}_${name}`]),
		['all', `OTEL_EXPORTER_OTLP_${name}`]
	];
	return Object.fromEntries(named.map(([key, full]) => [key, { ...variable, name: full }])) as OtlpVariable<
		T,
		F
	>;
}

/** The variables for a signal, from the most to the least specific. */
export const of = <T, F extends T | undefined>(
	variable: OtlpVariable<T, F>,
	signal: SignalName
): [own: Variable<T, F>, all: Variable<T, F>] => [variable[signal], variable.all];

/** The path of a PEM file, which is read once. */
const pem = (name: string) =>
	otlp<string, undefined>(name, {
		expected: 'the path of a readable PEM file',
		fallback: undefined,
		fallbackText: 'none',
		parse(path) {
			try {
				const content = readFileSync(path, 'utf8');
				return content.includes('-----BEGIN ') ? content : new ValidationError('which is not a PEM file');
			} catch (error) {
				return new ValidationError(`which cannot be read (${(error as NodeJS.ErrnoException).code})`);
			}
		}
	});

/** The default endpoints: of OTLP over HTTP, without the path of the signal, and over gRPC. */
export const DEFAULT_ENDPOINTS = { http: 'http://localhost:4318', grpc: 'http://localhost:4317' } as const;

/** The variables of the OTLP exporter (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). */
export const OTLP_VARIABLES = {
	endpoint: otlp<URL, undefined>('ENDPOINT', {
		expected: `an absolute URL, such as ${DEFAULT_ENDPOINTS.http}`,
		fallback: undefined,
		fallbackText: DEFAULT_ENDPOINTS.http,
		parse: parseUrl,
		show: showUrl
	}),
	headers: otlp<Record<string, string>, undefined>('HEADERS', {
		expected: 'comma-separated name=value pairs, percent-encoded',
		fallback: undefined,
		fallbackText: 'none',
		secret: true,
		parse: parseHeaders
	}),
	protocol: otlp<Protocol, Protocol>('PROTOCOL', {
		expected: PROTOCOLS.join(', '),
		fallback: 'http/protobuf',
		parse: parseName(PROTOCOLS)
	}),
	timeout: otlp<number, number>('TIMEOUT', milliseconds('', 10_000, 1)),
	compression: otlp<Compression, Compression>('COMPRESSION', {
		expected: 'gzip or none',
		fallback: 'none',
		parse: parseName(['gzip', 'none'])
	}),
	certificate: pem('CERTIFICATE'),
	clientCertificate: pem('CLIENT_CERTIFICATE'),
	clientKey: pem('CLIENT_KEY'),
	insecure: otlp<boolean, boolean>('INSECURE', flag(''))
};

/** Converts an endpoint variable for gRPC: accepts `host:port`, with TLS or without as `secure` says. */
export const asTarget = (variable: Variable<URL, undefined>, secure: boolean): Variable<URL, undefined> => ({
	...variable,
	expected: `a URL or host:port, such as ${DEFAULT_ENDPOINTS.grpc}`,
	fallbackText: DEFAULT_ENDPOINTS.grpc,
	parse: parseTarget(secure)
});
