import { type SamplerSettings, describeSampler } from '../config/sampler.ts';

/** What is in force. */
export interface Start {
	service: string;
	/** As a text it is none of the settings', but the app's own. */
	sampler: SamplerSettings | string;
	exporters: readonly string[];
	propagators: readonly string[];
	instrumentations: readonly string[];
}

/**
 * The line that says what is in force. People and scripts read it: its form is documented, and stays.
 *
 * `tracing shop; sampler parentbased_traceidratio 0.1; exporter otlp http/protobuf to
 * http://collector:4318/v1/traces; propagators tracecontext,baggage; instrumentations undici`
 */
export function describeStart(start: Start): string {
	const list = (names: readonly string[], separator = ','): string => names.join(separator) || 'none';
	return [
		`tracing ${start.service}`,
		`sampler ${typeof start.sampler === 'string' ? start.sampler : describeSampler(start.sampler)}`,
		`exporter ${list(start.exporters, ' and ')}`,
		`propagators ${list(start.propagators)}`,
		`instrumentations ${list(start.instrumentations)}`
	].join('; ');
}
