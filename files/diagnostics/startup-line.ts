import { type SamplerSettings, describeSampler } from '../config/sampler.ts';

/** The active configuration. */
export interface Start {
	service: string;
	/** Undefined if traces are off. */
	traces?:
		| {
				/** A string if the app has its own sampler. */
				sampler: SamplerSettings | string;
				exporters: readonly string[];
				propagators: readonly string[];
		  }
		| undefined;
	instrumentations: readonly string[];
	/** The metrics exporters and their intervals. */
	metrics?: readonly string[] | undefined;
	/** The exporters of log records. */
	logs?: readonly string[] | undefined;
	/** Parts that are shown only if they are configured. */
	more?: readonly string[] | undefined;
}

/**
 * The startup line, which describes the active configuration. People and scripts read it: its format is
 * documented and must stay stable.
 *
 * `tracing shop; sampler parentbased_traceidratio 0.1; exporter otlp http/protobuf to
 * http://collector:4318/v1/traces; propagators tracecontext,baggage; instrumentations undici; metrics otlp
 * http/protobuf to http://collector:4318/v1/metrics every 60 s; logs otlp http/protobuf to
 * http://collector:4318/v1/logs`
 */
export function describeStart({
	service,
	traces,
	instrumentations,
	metrics,
	logs,
	more = []
}: Start): string {
	const list = (names: readonly string[], separator = ','): string => names.join(separator) || 'none';
	const parts = [`${traces ? 'tracing' : metrics ? 'measuring' : 'logging'} ${service}`];
	if (traces) {
		const { sampler, exporters, propagators } = traces;
		parts.push(
			`sampler ${typeof sampler === 'string' ? sampler : describeSampler(sampler)}`,
			`exporter ${list(exporters, ' and ')}`,
			`propagators ${list(propagators)}`
		);
	}
	parts.push(`instrumentations ${list(instrumentations)}`);
	if (metrics) parts.push(`metrics ${list(metrics, ' and ')}`);
	if (logs) parts.push(`logs ${list(logs, ' and ')}`);
	return [...parts, ...more].join('; ');
}
