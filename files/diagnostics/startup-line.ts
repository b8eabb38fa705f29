import { relative } from 'node:path';
import { type SamplerSettings, describeSampler } from '../config/sampler.ts';

/** What is in force. */
export interface Start {
	service: string;
	/** A signal that is off is undefined. */
	traces?: {
		/** As a text it is none of the settings', but the app's own. */
		sampler: SamplerSettings | string;
		exporters: readonly string[];
		propagators: readonly string[];
	};
	instrumentations: readonly string[];
	/** Where metrics go, and how often. */
	metrics?: readonly string[];
	/** Where log records go. */
	logs?: readonly string[];
	/** What is said only where it is asked for. */
	more?: readonly string[];
}

/**
 * The line that says what is in force. People and scripts read it: its form is documented, and stays.
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

/**
 * The line that says what a server of one's own misses that imports `handler.js` without more.
 *
 * @param register the path of `build/otel/register.js`
 * @param cwd where the process was started
 */
export function describeLateStart(register: string, cwd: string = process.cwd()): string {
	const path = relative(cwd, register).replaceAll('\\', '/');
	return `tracing begins at \`handler\`: what the server does before it is not traced, nor are libraries that it has imported before. Start it with node --import ${path.startsWith('.') ? '' : './'}${path}`;
}
