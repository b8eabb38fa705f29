import { type Variable, quote } from './variable.ts';
import {
	parseBoolean,
	parseInteger,
	parseList,
	parseName,
	parsePairs,
	parseRatio,
	parseUrl,
	withoutSecrets
} from './parse.ts';

/** Describes one variable; only there to check its shape. */
const define = <T>(variable: Variable<T>): Variable<T> => variable;

const count = (name: string, fallback: string, meaning: string, least = 0): Variable<number> => ({
	name,
	expected: `a whole number${least > 0 ? ' above 0' : ', 0 or more'}`,
	fallback,
	meaning,
	example: '64',
	parse: parseInteger(least)
});

const milliseconds = (name: string, fallback: string, meaning: string, least = 0): Variable<number> => ({
	...count(name, `${fallback} ms`, meaning, least),
	expected: `milliseconds, a whole number${least > 0 ? ' above 0' : ', 0 or more'}`,
	example: '2000'
});

const flag = (name: string, meaning: string): Variable<boolean> => ({
	name,
	expected: 'true or false',
	fallback: 'false',
	meaning,
	example: 'true',
	parse: parseBoolean
});

const list = (name: string, fallback: string, meaning: string, example: string): Variable<string[]> => ({
	name,
	expected: 'names between commas',
	fallback,
	meaning,
	example,
	parse: parseList
});

/** The samplers of the specification. */
export const SAMPLERS = [
	'always_on',
	'always_off',
	'traceidratio',
	'parentbased_always_on',
	'parentbased_always_off',
	'parentbased_traceidratio'
] as const;

/** The protocols of OTLP. */
export const PROTOCOLS = ['http/protobuf', 'http/json', 'grpc'] as const;

/**
 * A variable of OTLP: the one for traces, before the one for all signals
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/).
 */
const otlp = <T>(
	name: string,
	variable: Omit<Variable<T>, 'name'>
): { traces: Variable<T>; all: Variable<T> } => ({
	traces: { ...variable, name: `OTEL_EXPORTER_OTLP_TRACES_${name}` },
	all: { ...variable, name: `OTEL_EXPORTER_OTLP_${name}` }
});

const file = (meaning: string, example: string): Omit<Variable<string>, 'name'> => ({
	expected: 'the path of a readable PEM file',
	fallback: 'none',
	meaning,
	example,
	parse: (text) => text
});

/** Every environment variable that this package reads. The documentation is held against this table. */
export const VARIABLES = {
	serviceName: define<string>({
		name: 'OTEL_SERVICE_NAME',
		expected: 'a name',
		fallback: "the app's package name",
		meaning: '`service.name`; before the one in `OTEL_RESOURCE_ATTRIBUTES`',
		example: 'shop-web',
		parse: (text) => text
	}),
	resourceAttributes: define<Record<string, string>>({
		name: 'OTEL_RESOURCE_ATTRIBUTES',
		expected: 'key=value pairs between commas, percent-encoded',
		fallback: 'none of them',
		meaning: 'attributes of the resource, that is of everything this process sends',
		example: 'deployment.environment.name=production,service.namespace=shop',
		parse: parsePairs
	}),
	resourceDetectors: list(
		'OTEL_NODE_RESOURCE_DETECTORS',
		'service,host,process',
		'what is found out about the process: `service`, `host`, `process`, `all`, `none`',
		'none'
	),
	propagators: list(
		'OTEL_PROPAGATORS',
		'tracecontext,baggage',
		'headers that carry the context in and out: `tracecontext`, `baggage`, `b3`, `b3multi`, `jaeger`, `xray`, `none`',
		'tracecontext,baggage,b3'
	),
	tracesExporter: list(
		'OTEL_TRACES_EXPORTER',
		'otlp',
		'where spans go: `otlp`, `console`, both, or `none` (off)',
		'console'
	),
	metricsExporter: list('OTEL_METRICS_EXPORTER', 'none', 'not served yet; unset means no metrics', 'none'),
	logsExporter: list('OTEL_LOGS_EXPORTER', 'none', 'not served yet; unset means no logs', 'none'),
	sampler: define<(typeof SAMPLERS)[number]>({
		name: 'OTEL_TRACES_SAMPLER',
		expected: SAMPLERS.join(', '),
		fallback: 'parentbased_traceidratio',
		meaning: 'which requests are traced',
		example: 'parentbased_always_on',
		parse: parseName(SAMPLERS)
	}),
	samplerArg: define<number>({
		name: 'OTEL_TRACES_SAMPLER_ARG',
		expected: 'a decimal number from 0 to 1, such as 0.1',
		fallback: '1',
		meaning: 'the ratio of the `traceidratio` samplers, the default one among them',
		example: '0.1',
		parse: parseRatio
	}),

	maxQueueSize: count(
		'OTEL_BSP_MAX_QUEUE_SIZE',
		'2048',
		'spans that wait for export at most; more are dropped and told',
		1
	),
	maxExportBatchSize: count(
		'OTEL_BSP_MAX_EXPORT_BATCH_SIZE',
		'512',
		'spans in one request to the collector at most',
		1
	),
	scheduleDelay: milliseconds(
		'OTEL_BSP_SCHEDULE_DELAY',
		'5000',
		'how long a span waits for its batch to fill, at most'
	),
	exportTimeout: milliseconds(
		'OTEL_BSP_EXPORT_TIMEOUT',
		'30000',
		'how long one batch may take, retries included',
		1
	),

	attributeCountLimit: count('OTEL_ATTRIBUTE_COUNT_LIMIT', '128', 'attributes of a span, an event or a link'),
	attributeValueLengthLimit: count(
		'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT',
		'no limit',
		'characters of an attribute value'
	),
	spanAttributeCountLimit: count('OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', '128', 'attributes of a span'),
	spanAttributeValueLengthLimit: count(
		'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT',
		'no limit',
		"characters of a span attribute's value"
	),
	spanEventCountLimit: count('OTEL_SPAN_EVENT_COUNT_LIMIT', '128', 'events of a span'),
	spanLinkCountLimit: count('OTEL_SPAN_LINK_COUNT_LIMIT', '128', 'links of a span'),
	eventAttributeCountLimit: count('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', '128', 'attributes of an event'),
	linkAttributeCountLimit: count('OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', '128', 'attributes of a link'),

	endpoint: otlp<URL>('ENDPOINT', {
		expected: 'an absolute URL, such as http://127.0.0.1:4318',
		fallback: 'http://localhost:4318 (gRPC: http://localhost:4317)',
		meaning:
			'the collector. Over HTTP the one for all signals gets `/v1/traces` appended, the one for traces is used as it is',
		example: 'http://collector:4318',
		parse: (text) => parseUrl(text),
		show: (text) => quote(withoutSecrets(text))
	}),
	headers: otlp<Record<string, string>>('HEADERS', {
		expected: 'key=value pairs between commas, percent-encoded',
		fallback: 'none of them',
		meaning: 'headers of every export, such as an API key. Never shown',
		example: 'api-key=…',
		secret: true,
		parse: parseHeaders
	}),
	protocol: otlp<(typeof PROTOCOLS)[number]>('PROTOCOL', {
		expected: PROTOCOLS.join(', '),
		fallback: 'http/protobuf',
		meaning: 'how spans are sent',
		example: 'http/json',
		parse: parseName(PROTOCOLS)
	}),
	timeout: otlp<number>('TIMEOUT', {
		...milliseconds('', '10000', 'how long one export may take, retries included', 1)
	}),
	compression: otlp<'gzip' | 'none'>('COMPRESSION', {
		expected: 'gzip or none',
		fallback: 'none',
		meaning: 'how exports are compressed',
		example: 'gzip',
		parse: parseName(['gzip', 'none'])
	}),
	certificate: otlp<string>(
		'CERTIFICATE',
		file('whom to trust besides nobody else: the certificate of the authority, PEM', '/etc/otel/ca.pem')
	),
	clientCertificate: otlp<string>(
		'CLIENT_CERTIFICATE',
		file('the certificate that this process shows, PEM', '/etc/otel/client.pem')
	),
	clientKey: otlp<string>('CLIENT_KEY', file('the key of that certificate, PEM', '/etc/otel/client.key')),

	configFile: define<string>({
		name: 'OTEL_CONFIG_FILE',
		expected: 'the path of a readable declarative configuration file',
		fallback: 'the other variables are used',
		meaning:
			'declarative configuration (YAML); the other variables then count only where the file names them',
		example: '/etc/otel/sdk.yaml',
		parse: (text) => text
	}),

	publicEndpoint: flag(
		'OTEL_SVELTEKIT_PUBLIC_ENDPOINT',
		'an incoming context becomes a link and does not decide sampling'
	),
	ignore: list(
		'OTEL_SVELTEKIT_IGNORE',
		'none',
		'requests that make no span: paths, globs, route ids, `/regular expressions/`',
		'/healthz,/internal/**'
	),
	propagateTo: list(
		'OTEL_SVELTEKIT_PROPAGATE_TO',
		'every host',
		'hosts that outgoing `fetch` sends context to: names, `*.globs`, `/regular expressions/`, or `none`',
		'*.example.com'
	),
	queryParameters: list(
		'OTEL_SVELTEKIT_QUERY_PARAMETERS',
		'none',
		'query parameters whose values are kept in `url.query`, or `*` for all',
		'page,sort'
	),
	serverTiming: flag(
		'OTEL_SVELTEKIT_SERVER_TIMING',
		'pages tell the browser their trace, as `Server-Timing: traceparent`'
	),
	shutdownTimeout: milliseconds(
		'OTEL_SVELTEKIT_SHUTDOWN_TIMEOUT',
		'5000',
		'how long the last export may delay the exit'
	),
	enabledInstrumentations: list(
		'OTEL_NODE_ENABLED_INSTRUMENTATIONS',
		'all that are installed',
		'the installed instrumentations that are used, without their common prefix',
		'pg,ioredis'
	),
	disabledInstrumentations: list(
		'OTEL_NODE_DISABLED_INSTRUMENTATIONS',
		'none',
		'the installed instrumentations that are not used',
		'undici'
	)
};

/** Headers that Node would refuse to send make all of them invalid. */
function parseHeaders(text: string): Record<string, string> | undefined {
	const headers = parsePairs(text);
	for (const [name, value] of Object.entries(headers ?? {})) {
		if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name) || /[^\t\x20-\x7e\x80-\xff]/.test(value)) return undefined;
	}
	return headers;
}
