import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { OtlpSettings } from '../../files/config/settings.ts';
import { listVariables } from '../../files/config/list-variables.ts';
import { createCertificates } from '../otlp/certificates.ts';
import { readEnvironment } from './support/read-environment.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const certificates = createCertificates();
const dir = makeTempDir();
const file = (name: string, text: string): string => {
	const target = path.join(dir, name);
	writeFileSync(target, text);
	return target;
};
const ca = file('ca.pem', certificates.ca);
const cert = file('client.pem', certificates.client.cert);
const key = file('client.key', certificates.client.key);
const otherKey = file('other.key', certificates.server.key);
const noPem = file('not.pem', 'hello');
const brokenPem = file('broken.pem', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');

const https = 'https://localhost:4318';

describe('an invalid value is logged in one line, with the value, what is used and what is expected', () => {
	test.each<[env: Record<string, string>, line: string]>([
		// not a number, out of range, a wrong unit, blank
		[
			{ OTEL_TRACES_SAMPLER_ARG: 'many' },
			'OTEL_TRACES_SAMPLER_ARG is "many": 1 is used. Expected a decimal number from 0 to 1, such as 0.1'
		],
		[
			{ OTEL_TRACES_SAMPLER_ARG: '10%' },
			'OTEL_TRACES_SAMPLER_ARG is "10%": 1 is used. Expected a decimal number from 0 to 1, such as 0.1'
		],
		[
			{ OTEL_TRACES_SAMPLER_ARG: '0,1' },
			'OTEL_TRACES_SAMPLER_ARG is "0,1": 1 is used. Expected a decimal number from 0 to 1, such as 0.1'
		],
		[
			{ OTEL_TRACES_SAMPLER_ARG: '10' },
			'OTEL_TRACES_SAMPLER_ARG is "10": 1 is used. Expected a decimal number from 0 to 1, such as 0.1'
		],
		[
			{ OTEL_TRACES_SAMPLER_ARG: '-0.1' },
			'OTEL_TRACES_SAMPLER_ARG is "-0.1": 1 is used. Expected a decimal number from 0 to 1, such as 0.1'
		],
		[
			{ OTEL_TRACES_SAMPLER_ARG: ' ' },
			'OTEL_TRACES_SAMPLER_ARG is blank: 1 is used. Expected a decimal number from 0 to 1, such as 0.1'
		],
		[
			{ OTEL_BSP_SCHEDULE_DELAY: '5s' },
			'OTEL_BSP_SCHEDULE_DELAY is "5s": 5000 ms is used. Expected milliseconds, a whole number, 0 or more'
		],
		[
			{ OTEL_BSP_SCHEDULE_DELAY: '99999999999' },
			'OTEL_BSP_SCHEDULE_DELAY is "99999999999": 5000 ms is used. Expected milliseconds, a whole number, 0 or more'
		],
		[
			{ OTEL_BSP_EXPORT_TIMEOUT: '0' },
			'OTEL_BSP_EXPORT_TIMEOUT is "0": 30000 ms is used. Expected milliseconds, a whole number above 0'
		],
		[
			{ OTEL_BSP_MAX_QUEUE_SIZE: '1e3' },
			'OTEL_BSP_MAX_QUEUE_SIZE is "1e3": 2048 is used. Expected a whole number above 0'
		],
		[
			{ OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '0' },
			'OTEL_BSP_MAX_EXPORT_BATCH_SIZE is "0": 512 is used. Expected a whole number above 0'
		],
		[
			{ OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '1.5' },
			'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT is "1.5": no limit is used. Expected a whole number above 0'
		],
		[
			{ OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '0' },
			'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT is "0": no limit is used. Expected a whole number above 0'
		],
		[
			{ OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT: '0', OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '7' },
			'OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT is "0": OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT is used. Expected a whole number above 0'
		],
		[
			{ OTEL_SPAN_EVENT_COUNT_LIMIT: '-1' },
			'OTEL_SPAN_EVENT_COUNT_LIMIT is "-1": 128 is used. Expected a whole number, 0 or more'
		],
		[
			{ OTEL_EXPORTER_OTLP_TIMEOUT: '10s' },
			'OTEL_EXPORTER_OTLP_TIMEOUT is "10s": 10000 ms is used. Expected milliseconds, a whole number above 0'
		],
		[
			{ OTEL_SERVICE_NAME: '' },
			"OTEL_SERVICE_NAME is blank: the app's package name is used. Expected a name"
		],
		[{ OTEL_SDK_DISABLED: ' ' }, 'OTEL_SDK_DISABLED is blank: false is used. Expected true or false'],
		[
			{ OTEL_CONFIG_FILE: '' },
			'OTEL_CONFIG_FILE is blank: the environment is used. Expected the path of a readable declarative configuration file'
		],
		// unknown names
		[
			{ OTEL_LOG_LEVEL: 'loud' },
			'OTEL_LOG_LEVEL is "loud": info is used. Expected none, error, warn, info, debug, verbose, all'
		],
		[
			{ OTEL_TRACES_SAMPLER: 'jaeger_remote' },
			'OTEL_TRACES_SAMPLER is "jaeger_remote": parentbased_traceidratio is used. Expected always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, parentbased_traceidratio'
		],
		[
			{ OTEL_PROPAGATORS: 'b3,ottrace' },
			'OTEL_PROPAGATORS is "b3,ottrace", of which "ottrace" is unknown: b3 is used. Expected comma-separated names: tracecontext, baggage, b3, b3multi, jaeger, xray; or none'
		],
		[
			{ OTEL_PROPAGATORS: 'ottrace' },
			'OTEL_PROPAGATORS is "ottrace", of which "ottrace" is unknown: tracecontext,baggage is used. Expected comma-separated names: tracecontext, baggage, b3, b3multi, jaeger, xray; or none'
		],
		[
			{ OTEL_PROPAGATORS: ',' },
			'OTEL_PROPAGATORS is ",": tracecontext,baggage is used. Expected comma-separated names: tracecontext, baggage, b3, b3multi, jaeger, xray; or none'
		],
		[
			{ OTEL_PROPAGATORS: 'none,b3' },
			'OTEL_PROPAGATORS is "none,b3", which combines none with other names: none is used. Expected comma-separated names: tracecontext, baggage, b3, b3multi, jaeger, xray; or none'
		],
		[
			{ OTEL_TRACES_EXPORTER: 'zipkin' },
			'OTEL_TRACES_EXPORTER is "zipkin", of which "zipkin" is unknown: otlp is used. Expected comma-separated names: otlp, console; or none'
		],
		[
			{ OTEL_NODE_RESOURCE_DETECTORS: 'container,host' },
			'OTEL_NODE_RESOURCE_DETECTORS is "container,host", of which "container" is unknown: host is used. Expected comma-separated names: service, host, os, process, all, env, serviceinstance; or none'
		],
		[
			{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http' },
			'OTEL_EXPORTER_OTLP_PROTOCOL is "http": http/protobuf is used. Expected http/protobuf, http/json, grpc'
		],
		[
			{ OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' },
			'OTEL_EXPORTER_OTLP_COMPRESSION is "zstd": none is used. Expected gzip or none'
		],
		[
			{ OTEL_EXPORTER_OTLP_INSECURE: '1' },
			'OTEL_EXPORTER_OTLP_INSECURE is "1": false is used. Expected true or false'
		],
		[
			{ OTEL_RESOURCE_ATTRIBUTES: 'a=1,b' },
			'OTEL_RESOURCE_ATTRIBUTES is "a=1,b": none is used. Expected comma-separated key=value pairs, percent-encoded'
		],
		[
			{ OTEL_RESOURCE_ATTRIBUTES: 'a=b,git.url=https://x/y?a=b' },
			'OTEL_RESOURCE_ATTRIBUTES is "a=b,git.url=https://x/y?a=b", with a bare = in the value of git.url: the whole value is used. Write %3D for the =. Expected comma-separated key=value pairs, percent-encoded'
		],
		// signals that are not served
		[
			{ OTEL_METRICS_EXPORTER: 'statsd' },
			'OTEL_METRICS_EXPORTER is "statsd", of which "statsd" is unknown: none is used. Expected comma-separated names: otlp, prometheus, console; or none'
		],
		// endpoints
		[
			{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
			'OTEL_EXPORTER_OTLP_ENDPOINT is "collector:4318": http://localhost:4318/v1/traces is used. Expected an absolute URL, such as http://localhost:4318'
		],
		[
			{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http:/collector' },
			'OTEL_EXPORTER_OTLP_ENDPOINT is "http:/collector": http://localhost:4318/v1/traces is used. Expected an absolute URL, such as http://localhost:4318'
		],
		[
			{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:port' },
			'OTEL_EXPORTER_OTLP_ENDPOINT is "http://collector:…": http://localhost:4318/v1/traces is used. Expected an absolute URL, such as http://localhost:4318'
		],
		[
			{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/v1/traces' },
			'OTEL_EXPORTER_OTLP_ENDPOINT is "http://collector:4318/v1/traces", which ends in /v1/traces already: it is used as it is. Expected the base URL, or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'
		],
		[
			{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' },
			'OTEL_EXPORTER_OTLP_ENDPOINT is "http://collector:4317", where collectors listen for gRPC: it is used as it is. Expected port 4318, or OTEL_EXPORTER_OTLP_PROTOCOL=grpc'
		],
		[
			{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://collector:4318' },
			'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is "http://collector:4318", where collectors listen for HTTP: it is used as it is. Expected port 4317, or OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf'
		],
		[
			{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317/v1/traces' },
			'OTEL_EXPORTER_OTLP_ENDPOINT is "http://collector:4317/v1/traces", whose path gRPC does not use: http://collector:4317 is used. Expected a URL or host:port, such as http://localhost:4317'
		],
		[
			{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: 'unix:/run/collector' },
			'OTEL_EXPORTER_OTLP_ENDPOINT is "unix:/run/collector": http://localhost:4317 is used. Expected a URL or host:port, such as http://localhost:4317'
		],
		// headers
		[
			{ OTEL_EXPORTER_OTLP_HEADERS: 'x-key=hid;den' },
			'OTEL_EXPORTER_OTLP_HEADERS is set (its value is not shown), with a bare ; in x-key: the value before the ; is used. Write %3B for it. Expected comma-separated name=value pairs, percent-encoded'
		],
		[
			{ OTEL_EXPORTER_OTLP_HEADERS: 'hidden' },
			'OTEL_EXPORTER_OTLP_HEADERS is set (its value is not shown), with 1 malformed pair: none is used. Expected comma-separated name=value pairs, percent-encoded'
		],
		[
			{ OTEL_EXPORTER_OTLP_HEADERS: 'api key=hidden,good=1,also=2' },
			'OTEL_EXPORTER_OTLP_HEADERS is set (its value is not shown), with 1 malformed pair: the other 2 are used. Expected comma-separated name=value pairs, percent-encoded'
		],
		[
			{ OTEL_EXPORTER_OTLP_HEADERS: 'content-length=3,good=1' },
			'OTEL_EXPORTER_OTLP_HEADERS is set (its value is not shown), with 1 malformed pair: the other 1 is used. Expected comma-separated name=value pairs, percent-encoded'
		],
		// certificates
		[
			{ OTEL_EXPORTER_OTLP_ENDPOINT: https, OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/ca.pem' },
			'OTEL_EXPORTER_OTLP_CERTIFICATE is "/nowhere/ca.pem", which cannot be read (ENOENT): none is used. Expected the path of a readable PEM file'
		],
		[
			{ OTEL_EXPORTER_OTLP_ENDPOINT: https, OTEL_EXPORTER_OTLP_CERTIFICATE: dir },
			`OTEL_EXPORTER_OTLP_CERTIFICATE is ${JSON.stringify(dir)}, which cannot be read (EISDIR): none is used. Expected the path of a readable PEM file`
		],
		[
			{ OTEL_EXPORTER_OTLP_ENDPOINT: https, OTEL_EXPORTER_OTLP_CERTIFICATE: noPem },
			`OTEL_EXPORTER_OTLP_CERTIFICATE is ${JSON.stringify(noPem)}, which is not a PEM file: none is used. Expected the path of a readable PEM file`
		],
		[
			{ OTEL_EXPORTER_OTLP_ENDPOINT: https, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: cert },
			'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE is set without a usable OTEL_EXPORTER_OTLP_CLIENT_KEY: no client certificate is sent. Expected both of them'
		],
		[
			{
				OTEL_EXPORTER_OTLP_ENDPOINT: https,
				OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: cert,
				OTEL_EXPORTER_OTLP_CLIENT_KEY: otherKey
			},
			'OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE and OTEL_EXPORTER_OTLP_CLIENT_KEY cannot be used together (key values mismatch): no client certificate is sent. Expected the path of a readable PEM file'
		],
		[
			{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318', OTEL_EXPORTER_OTLP_CERTIFICATE: ca },
			'OTEL_EXPORTER_OTLP_CERTIFICATE is set, but http://localhost:4318 is reached without TLS: it is ignored. Expected an https:// endpoint'
		],
		// combinations
		[
			{ OTEL_TRACES_SAMPLER: 'always_on', OTEL_TRACES_SAMPLER_ARG: '0.1' },
			'OTEL_TRACES_SAMPLER_ARG is set, but the sampler always_on takes no argument: it is ignored. Expected OTEL_TRACES_SAMPLER=parentbased_traceidratio with it'
		],
		[
			{ OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '200' },
			'OTEL_BSP_MAX_EXPORT_BATCH_SIZE is 200, more than the 100 of OTEL_BSP_MAX_QUEUE_SIZE: 100 is used. Expected a batch that fits into the queue'
		],
		[
			{ OTEL_EXPORTER_OTLP_ENDPOINT: https, OTEL_EXPORTER_OTLP_INSECURE: 'true' },
			'OTEL_EXPORTER_OTLP_INSECURE is true, but "https://localhost:4318" asks for TLS: TLS is used. Expected an http:// endpoint, or no scheme with gRPC'
		],
		[
			{ OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: 'soon', OTEL_EXPORTER_OTLP_TIMEOUT: '2000' },
			'OTEL_EXPORTER_OTLP_TRACES_TIMEOUT is "soon": OTEL_EXPORTER_OTLP_TIMEOUT is used. Expected milliseconds, a whole number above 0'
		],
		[
			{ OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2000', OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' },
			'OTEL_EXPORTER_OTLP_TIMEOUT is "soon": OTEL_EXPORTER_OTLP_TRACES_TIMEOUT is used. Expected milliseconds, a whole number above 0'
		],
		[
			{ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: 'x', OTEL_ATTRIBUTE_COUNT_LIMIT: '7' },
			'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT is "x": OTEL_ATTRIBUTE_COUNT_LIMIT is used. Expected a whole number, 0 or more'
		],
		// ours
		[
			{ OTEL_SVELTEKIT_PUBLIC_ENDPOINT: 'yes' },
			'OTEL_SVELTEKIT_PUBLIC_ENDPOINT is "yes": false is used. Expected true or false'
		],
		[
			{ OTEL_SVELTEKIT_IGNORE: '/healthz,/[/' },
			'OTEL_SVELTEKIT_IGNORE is "/healthz,/[/", of which "/[/" is not a regular expression: the others are used. Expected paths, globs, route ids or /regular expressions/, comma-separated'
		],
		[
			{ OTEL_SVELTEKIT_SHUTDOWN_TIMEOUT: '5s' },
			'OTEL_SVELTEKIT_SHUTDOWN_TIMEOUT is "5s": 5000 ms is used. Expected milliseconds, a whole number, 0 or more'
		]
	])('%j', async (env, line) => {
		expect((await readEnvironment(env)).lines).toEqual([line]);
	});

	test('the line contains the build’s option if that is used', async () => {
		const { lines, settings } = await readEnvironment(
			{ OTEL_SERVICE_NAME: ' ', OTEL_SVELTEKIT_SERVER_TIMING: 'on', OTEL_SVELTEKIT_IGNORE: '' },
			{ serviceName: 'built', serverTiming: true, ignore: ['/a', { source: 'b', flags: 'i' }] }
		);
		expect(lines).toEqual([
			'OTEL_SVELTEKIT_IGNORE is blank: /a,/b/i is used. Expected paths, globs, route ids or /regular expressions/, comma-separated',
			'OTEL_SVELTEKIT_SERVER_TIMING is "on": true is used. Expected true or false',
			'OTEL_SERVICE_NAME is blank: built is used. Expected a name'
		]);
		expect(settings).toMatchObject({
			serverTiming: true,
			resource: { attributes: { 'service.name': 'built' } }
		});
	});

	test('a certificate that OpenSSL cannot read is logged when the server starts', async () => {
		const { lines, settings } = await readEnvironment({
			OTEL_EXPORTER_OTLP_ENDPOINT: https,
			OTEL_EXPORTER_OTLP_CERTIFICATE: brokenPem
		});
		expect(lines).toHaveLength(1);
		expect(lines[0]).toMatch(
			/^OTEL_EXPORTER_OTLP_CERTIFICATE cannot be used \(.+\): the default certificate authorities are trusted\. /
		);
		expect(settings!.traces!.processors).toMatchObject([{ exporter: { tls: {} } }]);
	});
});

describe('no secret is logged', () => {
	const secret = 's3cr3t';

	test.each([
		`http://user:${secret}@collector:4318/v1/traces`,
		`http://user:${secret}@collector:4317`,
		`http://user:${secret}@`,
		`http://user:${secret}%40collector`,
		`http//user:${secret}@collector`,
		`user:${secret}@collector:4318`,
		`//user:${secret}@collector`,
		`http:\\\\user:${secret}@collector`,
		`ftp://user:${secret}@collector`,
		`http://user:?${secret}@collector`,
		`http://user:#${secret}@collector`,
		`http://user:p/${secret}@collector`,
		`http://us/er:${secret}@collector:4317`,
		`http://collector:${secret}`,
		`http://collector:99999?key=${secret}`,
		`collector?key=${secret}`,
		`http://collector:4317?key=${secret}`,
		`http://collector:4317#${secret}`,
		`ht tp://x:${secret}@y`
	])('of the endpoint %j', async (endpoint) => {
		for (const name of ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) {
			for (const protocol of ['grpc', 'http/protobuf']) {
				const { lines } = await readEnvironment({ [name]: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
				expect(lines.join('\n')).not.toContain(secret);
			}
		}
	});

	test.each([
		secret,
		`=${secret}`,
		`a b=${secret}`,
		`x=%${secret}`,
		`x=\u{1f600}${secret}`,
		`${secret};x`,
		`connection=${secret}`
	])('of the headers %j', async (headers) => {
		const { lines } = await readEnvironment({ OTEL_EXPORTER_OTLP_TRACES_HEADERS: headers });
		expect(lines).toHaveLength(1);
		expect(lines[0]).not.toContain(secret);
	});
});

describe('a valid value is used, and nothing is logged', () => {
	const otlp = async (env: Record<string, string>): Promise<OtlpSettings> => {
		const { settings, lines } = await readEnvironment(env);
		expect(lines).toEqual([]);
		return settings!.traces!.processors[0]!.exporter as OtlpSettings;
	};

	test.each<[env: Record<string, string>, expected: Partial<OtlpSettings>]>([
		[{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318/' }, { url: 'http://c:4318/v1/traces' }],
		[{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c/otlp/' }, { url: 'http://c/otlp/v1/traces' }],
		[{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c//' }, { url: 'http://c/v1/traces' }],
		[{ OTEL_EXPORTER_OTLP_HEADERS: "'api-key=a'" }, { headers: { 'api-key': 'a' } }],
		[{ OTEL_EXPORTER_OTLP_ENDPOINT: 'HTTPS://c' }, { url: 'https://c/v1/traces' }],
		[{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c?tenant=1' }, { url: 'http://c/v1/traces?tenant=1' }],
		[{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/custom' }, { url: 'http://c:4318/custom' }],
		[{ OTEL_EXPORTER_OTLP_ENDPOINT: ' http://[::1]:4318 ' }, { url: 'http://[::1]:4318/v1/traces' }],
		[
			{ OTEL_EXPORTER_OTLP_PROTOCOL: 'GRPC', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317' },
			{ protocol: 'grpc', url: 'http://c:4317' }
		],
		[{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, { url: 'http://localhost:4317' }],
		[
			{ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4317' },
			{ url: 'https://localhost:4317' }
		],
		[
			{
				OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
				OTEL_EXPORTER_OTLP_ENDPOINT: '[::1]:4317',
				OTEL_EXPORTER_OTLP_TRACES_INSECURE: 'TRUE'
			},
			{ url: 'http://[::1]:4317' }
		],
		[
			{ OTEL_EXPORTER_OTLP_HEADERS: 'Api-Key=a%20b, x=1', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x=2' },
			{ headers: { 'api-key': 'a b', x: '2' } }
		],
		[{ OTEL_EXPORTER_OTLP_TIMEOUT: '500', OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '700' }, { timeoutMs: 700 }],
		[{ OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }, { compression: 'gzip' }],
		[
			{
				OTEL_EXPORTER_OTLP_ENDPOINT: https,
				OTEL_EXPORTER_OTLP_CERTIFICATE: ca,
				OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: cert,
				OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY: key
			},
			{ tls: { ca: certificates.ca, cert: certificates.client.cert, key: certificates.client.key } }
		]
	])('%j', async (env, expected) => {
		expect(await otlp(env)).toMatchObject(expected);
	});

	test.each([
		['env', []],
		['env,serviceinstance', ['service']],
		['os', ['os']],
		['all', ['service', 'host', 'os', 'process']]
	])('the detectors of upstream are known by its names: %s', async (names, detectors) => {
		const { settings, lines } = await readEnvironment({ OTEL_NODE_RESOURCE_DETECTORS: names });
		expect(settings!.resource.detectors).toEqual(detectors);
		expect(lines).toEqual([]);
	});

	test('the known methods replace the default ones', async () => {
		const { settings, lines } = await readEnvironment({
			OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS: 'GET,PROPFIND'
		});
		expect(settings!.knownMethods).toEqual(['GET', 'PROPFIND']);
		expect(lines).toEqual([]);
	});

	test('the maximum integer is that of the specification', async () => {
		const { settings, lines } = await readEnvironment({
			OTEL_BSP_MAX_QUEUE_SIZE: '2147483647',
			OTEL_BSP_SCHEDULE_DELAY: '2147483648'
		});
		expect(settings!.traces!.processors[0]!.batch).toMatchObject({
			maxQueueSize: 2_147_483_647,
			scheduleDelayMs: 5000
		});
		expect(lines).toEqual([
			'OTEL_BSP_SCHEDULE_DELAY is "2147483648": 5000 ms is used. Expected milliseconds, a whole number, 0 or more'
		]);
	});

	test('variables of exporters that are not used are not read', async () => {
		const { settings, lines } = await readEnvironment({
			OTEL_TRACES_EXPORTER: 'console',
			OTEL_EXPORTER_OTLP_ENDPOINT: 'nonsense'
		});
		expect(settings!.traces!.processors).toEqual([{ exporter: 'console' }]);
		expect(lines).toEqual([]);
	});

	test('a queue that is smaller than a batch limits the batch size', async () => {
		const { settings, lines } = await readEnvironment({ OTEL_BSP_MAX_QUEUE_SIZE: '10' });
		expect(settings!.traces!.processors[0]!.batch).toMatchObject({
			maxQueueSize: 10,
			maxExportBatchSize: 10
		});
		expect(lines).toEqual([]);
	});

	test('with only an endpoint set, everything has its default', async () => {
		expect(await readEnvironment({ OTEL_SDK_DISABLED: 'false' })).toEqual({
			lines: [],
			settings: {
				propagators: ['tracecontext', 'baggage'],
				traces: {
					sampler: { name: 'parentbased', root: { name: 'traceidratio', ratio: 1 } },
					processors: [
						{
							exporter: {
								signal: 'traces',
								protocol: 'http/protobuf',
								url: 'http://localhost:4318/v1/traces',
								headers: {},
								timeoutMs: 10_000,
								compression: 'none',
								tls: {}
							},
							batch: {
								maxQueueSize: 2048,
								maxExportBatchSize: 512,
								scheduleDelayMs: 5000,
								exportTimeoutMs: 30_000
							}
						}
					],
					spanLimits: {
						attributeCountLimit: 128,
						eventCountLimit: 128,
						linkCountLimit: 128,
						attributePerEventCountLimit: 128,
						attributePerLinkCountLimit: 128
					}
				},
				resource: { attributes: {}, detectors: ['service', 'host', 'process'] },
				logBodyLimit: 65_536,
				publicEndpoint: false,
				ignore: [],
				queryParameters: [],
				serverTiming: false,
				keepErrors: false,
				sample: {},
				measureFiles: false,
				shutdownTimeoutMs: 5000,
				instrumentations: { disabled: [] }
			}
		});
	});
});

test('every variable has one entry in the table', () => {
	const names = listVariables().map(({ name }) => name);
	expect(new Set(names).size).toBe(names.length);
});
