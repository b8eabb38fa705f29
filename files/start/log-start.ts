import { ATTR_SERVICE_NAME } from '@opentelemetry/semantic-conventions';
import { isMainThread } from 'node:worker_threads';
import { log } from '../diagnostics/log.ts';
import { describeStart } from '../diagnostics/startup-line.ts';
import { isBelowTelemetry } from '../threads/threads.ts';
import type { StartedInstrumentations } from '../types/made-instrumentations.d.ts';
import type { Signals, SignalsOptions } from './signals.ts';

/**
 * Logs the startup line, and what is not traced because of how the server was built or started.
 *
 * @param signals the signals that are on
 * @param instrumentations the instrumentations that were started
 * @param options the options of the signals
 * @param hasFile whether the app has an instrumentation file
 */
export async function logStart(
	{ traces, metrics, logs, requests }: Signals,
	{ names, alreadyLoaded }: StartedInstrumentations,
	{ app, buildManifest, dev, entry, resource, settings }: SignalsOptions,
	hasFile: boolean
): Promise<void> {
	log(
		// worker threads inherit preloaded modules, so the startup line need not be repeated
		isBelowTelemetry ? 'debug' : 'info',
		describeStart({
			service: String(resource.attributes[ATTR_SERVICE_NAME]),
			traces: traces && { ...traces, propagators: settings.propagators },
			instrumentations: names,
			metrics: metrics?.exporters,
			logs: logs?.exporters,
			more: traces?.rules
		})
	);
	const env = dev?.environment ?? process.env;
	const isPartlyOff = !traces || !metrics || !logs;
	const hasEndpoint = env.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT || env.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT;
	if (isPartlyOff && (hasFile || hasEndpoint))
		(await import('../diagnostics/signals-off.ts')).logSignalsOff(settings, app, env, dev);
	if (!isMainThread && !isBelowTelemetry) (await import('../threads/worker-alone.ts')).logWorkerAlone();
	if (requests && buildManifest.missingFlag) {
		log(
			'warn',
			`${requests.describeMissing('this build cannot trace requests')}: SvelteKit has left its tracing out. ${buildManifest.missingFlag}`
		);
	}
	const isHandler = traces !== undefined && entry === 'handler.js' && isMainThread;
	if (isHandler || alreadyLoaded.length > 0) {
		const { logLateStart } = await import('../diagnostics/late-start.ts');
		logLateStart({ isHandler, libraries: alreadyLoaded, hasFile, isVite: dev !== undefined });
	}
}
