import { readFileSync } from 'node:fs';
import {
	type GrpcTlsConfigModel,
	type OtlpGrpcExporterConfigModel,
	type OtlpHttpExporterConfigModel,
	type SpanExporterConfigModel,
	type SpanProcessorConfigModel,
	mergeHeadersConfig
} from '@opentelemetry/configuration';
import type { BatchSettings } from '../batch.ts';
import type { OtlpSettings } from '../otlp.ts';
import { isSendable } from '../parse.ts';
import type { ProcessorSettings } from '../settings.ts';
import { type Tls, findTlsProblem } from '../tls.ts';
import { parseTarget, parseUrl } from '../url.ts';
import { type Problems, onlyEntry } from './problems.ts';

/** What stands for no limit: the longest timer that Node has. */
const NO_LIMIT_MS = 2 ** 31 - 1;

const BATCH: BatchSettings = {
	maxQueueSize: 2048,
	maxExportBatchSize: 512,
	scheduleDelayMs: 5000,
	exportTimeoutMs: 30_000
};

/**
 * The processors of a configuration file. Mirrors `createSpanProcessorFromConfig` of
 * `@opentelemetry/sdk-node`, which throws where this takes a problem down.
 */
export function toProcessors(
	nodes: readonly SpanProcessorConfigModel[],
	path: string,
	problems: Problems
): ProcessorSettings[] {
	return nodes.flatMap((node, index) => {
		const [name] = onlyEntry(node);
		const at = `${path}[${index}].${name}`;
		if (node.batch) {
			const { exporter, ...batch } = node.batch;
			return toProcessor(exporter, toBatch(batch, at, problems), at, problems);
		}
		// one by one, but kept within the bounds of a queue while the collector is slow
		if (node.simple) {
			const each = { ...BATCH, maxExportBatchSize: 1, scheduleDelayMs: 0 };
			return toProcessor(node.simple.exporter, each, at, problems);
		}
		problems.add(at, 'is not served');
		return [];
	});
}

function toBatch(
	node: Omit<NonNullable<SpanProcessorConfigModel['batch']>, 'exporter'>,
	path: string,
	problems: Problems
): BatchSettings {
	problems.unserved(path, node, [
		'schedule_delay',
		'export_timeout',
		'max_queue_size',
		'max_export_batch_size'
	]);
	const maxQueueSize = node.max_queue_size ?? BATCH.maxQueueSize;
	const maxExportBatchSize = node.max_export_batch_size ?? BATCH.maxExportBatchSize;
	if (node.max_export_batch_size && maxExportBatchSize > maxQueueSize)
		problems.add(`${path}.max_export_batch_size`, `is more than max_queue_size (${maxQueueSize} is used)`);
	return {
		maxQueueSize,
		maxExportBatchSize: Math.min(maxExportBatchSize, maxQueueSize),
		scheduleDelayMs: node.schedule_delay ?? BATCH.scheduleDelayMs,
		exportTimeoutMs: toLimit(node.export_timeout, BATCH.exportTimeoutMs)
	};
}

function toProcessor(
	node: SpanExporterConfigModel,
	batch: BatchSettings,
	processor: string,
	problems: Problems
): ProcessorSettings[] {
	const [name] = onlyEntry(node);
	const path = `${processor}.exporter.${name}`;
	switch (name) {
		case 'console':
			return [{ exporter: 'console' }];
		case 'otlp_http':
			return [{ exporter: toHttp(node.otlp_http ?? {}, path, problems), batch }];
		case 'otlp_grpc':
			return [{ exporter: toGrpc(node.otlp_grpc ?? {}, path, problems), batch }];
		default:
			problems.add(path, 'is not served');
			return [];
	}
}

const COMMON = ['endpoint', 'tls', 'headers', 'headers_list', 'compression', 'timeout'];

function toHttp(
	node: NonNullable<OtlpHttpExporterConfigModel>,
	path: string,
	problems: Problems
): OtlpSettings {
	problems.unserved(path, node, [...COMMON, 'encoding']);
	return {
		protocol: node.encoding === 'json' ? 'http/json' : 'http/protobuf',
		...toCommon(node, parseUrl, 'http://localhost:4318/v1/traces', path, problems)
	};
}

function toGrpc(
	node: NonNullable<OtlpGrpcExporterConfigModel>,
	path: string,
	problems: Problems
): OtlpSettings {
	problems.unserved(path, node, COMMON);
	const parse = parseTarget(!node.tls?.insecure);
	return { protocol: 'grpc', ...toCommon(node, parse, 'http://localhost:4317', path, problems) };
}

function toCommon(
	node: NonNullable<OtlpHttpExporterConfigModel | OtlpGrpcExporterConfigModel>,
	parse: (text: string) => URL | undefined,
	fallback: string,
	path: string,
	problems: Problems
): Omit<OtlpSettings, 'protocol'> {
	const url = node.endpoint ? parse(node.endpoint)?.href : fallback;
	// its text may hold credentials
	if (url === undefined) problems.add(`${path}.endpoint`, `is no URL (${fallback} is used)`);

	const { compression, timeout } = node;
	if (compression && compression !== 'gzip' && compression !== 'none')
		problems.add(`${path}.compression`, 'is neither gzip nor none (none is used)');

	return {
		url: url ?? fallback,
		headers: toHeaders(node, path, problems),
		timeoutMs: toLimit(timeout, 10_000),
		compression: compression === 'gzip' ? 'gzip' : 'none',
		tls: url?.startsWith('https:') ? toTls(node.tls ?? {}, `${path}.tls`, problems) : {}
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

/** By the schema, 0 is no limit. */
const toLimit = (ms: number | null | undefined, fallback: number): number =>
	ms === 0 ? NO_LIMIT_MS : Math.min(ms ?? fallback, NO_LIMIT_MS);
