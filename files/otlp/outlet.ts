import type { OtlpSettings } from '../config/otlp.ts';
import { withoutSecrets } from '../config/url.ts';
import type { DecodeResponse } from './batch.ts';
import { ExportHealth } from './export-health.ts';
import { OtlpExporter } from './otlp-exporter.ts';
import { createTransport } from './transport.ts';
import type { Wording } from './wording.ts';

/** The export path of one signal to one collector. */
export interface Outlet {
	/** For the startup line: `otlp http/protobuf to http://…`. */
	description: string;
	exporter: OtlpExporter;
	health: ExportHealth;
}

/** Options of an outlet. */
export interface OutletOptions {
	decodeResponse: DecodeResponse;
	/** The `User-Agent` header. */
	userAgent: string;
	/** The time limit of one export, including retries. */
	timeoutMs: number;
	wording: Wording;
}

/**
 * Creates an outlet. Loads only the transport that it needs.
 *
 * @param otlp the settings of the OTLP exporter
 * @param options what depends on the signal
 */
export async function createOutlet(
	otlp: OtlpSettings,
	{ decodeResponse, userAgent, timeoutMs, wording }: OutletOptions
): Promise<Outlet> {
	const target = withoutSecrets(otlp.url);
	const health = new ExportHealth(`collector ${target}`, wording);
	const transport = await createTransport(otlp, userAgent);
	return {
		description: `otlp ${otlp.protocol} to ${target}`,
		exporter: new OtlpExporter(decodeResponse, transport, timeoutMs, health),
		health
	};
}
