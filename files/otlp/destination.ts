import type { OtlpSettings } from '../config/otlp.ts';
import { withoutSecrets } from '../config/url.ts';
import type { DecodeResponse } from './batch.ts';
import { ExportHealth } from './export-health.ts';
import { OtlpExporter } from './otlp-exporter.ts';
import { createTransport } from './transport.ts';
import type { Wording } from './wording.ts';

/** The export path of one signal to one collector. */
export interface Destination {
	/** For the startup line: `otlp http/protobuf to http://…`. */
	description: string;
	exporter: OtlpExporter;
	health: ExportHealth;
}

/** Options of a destination. */
export interface DestinationOptions {
	decodeResponse: DecodeResponse;
	/** The `User-Agent` header. */
	userAgent: string;
	/** The time limit of one export, including retries. */
	timeoutMs: number;
	wording: Wording;
}

/**
 * Creates a destination. Loads only the transport that it needs.
 *
 * @param otlp the settings of the OTLP exporter
 * @param options what depends on the signal
 */
export async function createDestination(
	otlp: OtlpSettings,
	{ decodeResponse, userAgent, timeoutMs, wording }: DestinationOptions
): Promise<Destination> {
	const target = withoutSecrets(otlp.url);
	const health = new ExportHealth(otlp, wording);
	const transport = await createTransport(otlp, userAgent);
	return {
		description: `otlp ${otlp.protocol} to ${target}`,
		exporter: new OtlpExporter(decodeResponse, transport, timeoutMs, health),
		health
	};
}
