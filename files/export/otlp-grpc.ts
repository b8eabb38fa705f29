import { readFileSync } from 'node:fs';
import { Metadata, credentials } from '@grpc/grpc-js';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { OtlpSettings } from '../configure/endpoint.ts';

/** Exports over OTLP/gRPC, with the SDK's exporter and everything about it given, so that it reads no environment. */
export function createGrpcExporter(settings: OtlpSettings, userAgent: string): SpanExporter {
	const { url, certificate, clientCertificate, clientKey } = settings;
	const metadata = new Metadata();
	for (const [name, value] of Object.entries(settings.headers)) metadata.set(name, value);

	return new OTLPTraceExporter({
		url: url.replace(/\/$/, ''),
		metadata,
		userAgent,
		timeoutMillis: settings.timeoutMs,
		compression: settings.compression === 'gzip' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
		credentials: url.startsWith('https:')
			? credentials.createSsl(read(certificate), read(clientKey), read(clientCertificate))
			: credentials.createInsecure()
	});
}

const read = (path: string | undefined): Buffer | null => (path === undefined ? null : readFileSync(path));
