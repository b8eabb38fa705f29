import { relative } from 'node:path';
import { type SamplerSettings, describeSampler } from '../config/sampler.ts';

/** The active configuration. */
export interface Start {
	service: string;
	/** Undefined if traces are off. */
	traces?: {
		/** A string if the app has its own sampler. */
		sampler: SamplerSettings | string;
		exporters: readonly string[];
		propagators: readonly string[];
	};
	instrumentations: readonly string[];
	/** The metrics exporters and their intervals. */
	metrics?: readonly string[];
	/** The exporters of log records. */
	logs?: readonly string[];
	/** Parts that are shown only if they are configured. */
	more?: readonly string[];
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

/** What was too late to be traced, and how the server was started. */
export interface Late {
	/** The path of `build/otel/register.js`. */
	register: string;
	/** The working directory of the process. */
	cwd?: string;
	/** Whether this is a custom server that has imported `handler.js` without `register.js`. */
	isHandler: boolean;
	/** The libraries that had been loaded before. */
	libraries: readonly string[];
	/** Whether the app has an instrumentation file, which may have imported them. */
	hasFile: boolean;
}

/**
 * The message about what happened before telemetry started, and is not traced for this reason. One message, because
 * the remedy is the same.
 *
 * @returns undefined if there is nothing to say
 */
export function describeLate({
	register,
	cwd = process.cwd(),
	isHandler,
	libraries,
	hasFile
}: Late): string | undefined {
	if (!isHandler && libraries.length === 0) return undefined;
	const path = relative(cwd, register).replaceAll('\\', '/');
	const start = `node --import ${path.startsWith('.') ? '' : './'}${path}`;
	const file =
		hasFile && libraries.length > 0 ? ', and do not import them in src/instrumentation.server' : '';
	if (!isHandler) {
		return `${libraries.join(', ')} had been loaded when telemetry started, so there will be no spans of them. Start telemetry first, by ${start}${file}`;
	}
	const imported = libraries.length > 0 ? ` (${libraries.join(', ')})` : '';
	return `tracing begins at \`handler\`: what the server does before it is not traced, nor are libraries that it has imported before${imported}. Start it with ${start}${file}`;
}
