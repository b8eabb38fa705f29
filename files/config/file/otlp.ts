import { readFileSync } from 'node:fs';
import {
	type GrpcTlsConfigModel,
	type OtlpGrpcExporterConfigModel,
	type OtlpHttpExporterConfigModel,
	mergeHeadersConfig
} from '@opentelemetry/configuration';
import type { SignalName } from '../signals.ts';
import { type OtlpSettings, defaultUrl } from '../otlp.ts';
import { isSendable } from '../parse.ts';
import { type Tls, findTlsProblem } from '../tls.ts';
import { parseTarget, parseUrl } from '../url.ts';
import { DEFAULT_ENDPOINTS } from '../variables-otlp.ts';
import type { Problems } from './problems.ts';
import { toLimit } from './timeout.ts';

const COMMON = ['endpoint', 'tls', 'headers', 'headers_list', 'compression', 'timeout'];

/** Reads the exporter `otlp_http`. */
export function toHttp(
	signal: SignalName,
	node: NonNullable<OtlpHttpExporterConfigModel>,
	path: string,
	problems: Problems
): OtlpSettings {
	problems.addUnsupported(path, node, [...COMMON, 'encoding']);
	return {
		signal,
		protocol: node.encoding === 'json' ? 'http/json' : 'http/protobuf',
		...toCommon(node, parseUrl, defaultUrl(signal), path, problems)
	};
}

/** Reads the exporter `otlp_grpc`. */
export function toGrpc(
	signal: SignalName,
	node: NonNullable<OtlpGrpcExporterConfigModel>,
	path: string,
	problems: Problems
): OtlpSettings {
	problems.addUnsupported(path, node, COMMON);
	const parse = parseTarget(!node.tls?.insecure);
	return { signal, protocol: 'grpc', ...toCommon(node, parse, DEFAULT_ENDPOINTS.grpc, path, problems) };
}

function toCommon(
	node: NonNullable<OtlpHttpExporterConfigModel | OtlpGrpcExporterConfigModel>,
	parse: (text: string) => URL | undefined,
	fallback: string,
	path: string,
	problems: Problems
): Omit<OtlpSettings, 'signal' | 'protocol'> {
	const url = node.endpoint ? parse(node.endpoint)?.href : fallback;
	// the value is not shown, because it may contain credentials
	if (url === undefined) problems.add(`${path}.endpoint`, `is not a URL (${fallback} is used)`);

	const { compression, timeout } = node;
	if (compression && compression !== 'gzip' && compression !== 'none')
		problems.add(`${path}.compression`, 'is neither gzip nor none (none is used)');

	return {
		url: url ?? fallback,
		headers: toHeaders(node, path, problems),
		timeoutMs: toLimit(timeout, 10_000),
		compression: compression === 'gzip' ? 'gzip' : 'none',
		tls: url?.startsWith('https:') ? toTls(node.tls ?? {}, `${path}.tls`, problems) : {},
		isOfFile: true
	};
}

function toHeaders(
	{ headers, headers_list: list }: NonNullable<OtlpHttpExporterConfigModel>,
	path: string,
	problems: Problems
): Record<string, string> {
	const merged = Object.entries(mergeHeadersConfig(headers, list) ?? {});
	const sendable = merged.filter(([name, value]) => isSendable(name, value));
	if (sendable.length < merged.length)
		problems.add(`${path}.headers`, `has ${merged.length - sendable.length} that cannot be sent`);
	return Object.fromEntries(sendable.map(([name, value]) => [name.toLowerCase(), value]));
}

function toTls(node: NonNullable<GrpcTlsConfigModel>, path: string, problems: Problems): Tls {
	const read = (key: 'ca_file' | 'cert_file' | 'key_file'): string | undefined => {
		const file = node[key];
		if (!file) return undefined;
		try {
			return readFileSync(file, 'utf8');
		} catch (error) {
			problems.add(`${path}.${key}`, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
			return undefined;
		}
	};
	const [ca, cert, key] = [read('ca_file'), read('cert_file'), read('key_file')];
	const tls: Tls = { ...(ca && { ca }), ...(cert && key && { cert, key }) };
	if (Boolean(cert) !== Boolean(key)) problems.add(path, 'needs both cert_file and key_file');

	const problem = findTlsProblem(tls);
	if (problem === undefined) return tls;
	problems.add(path, `cannot be used (${problem})`);
	return {};
}
