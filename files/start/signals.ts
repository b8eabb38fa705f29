import type { Requests } from '../kit/requests.ts';
import type { Logs } from '../logs/start-logs.ts';
import type { Metrics } from '../metrics/start-metrics.ts';
import { type Signal, join } from '../otlp/signal.ts';
import type { Traces, TracesOptions } from '../traces/start-traces.ts';

/** The signals that are on, and all of them as one. */
export interface Signals extends Signal {
	traces: Traces | undefined;
	metrics: Metrics | undefined;
	logs: Logs | undefined;
	/** Handles the requests that are traced or measured. Undefined if only logs are on. */
	requests: Requests | undefined;
}

/** What the signals need, and the other steps of the start. */
export type SignalsOptions = Omit<TracesOptions, 'measureRequest'>;

/**
 * Starts the signals that are on. Each is a chunk of its own. Metrics are first, because they measure the requests that
 * are traced.
 *
 * @param options what they need
 */
export async function startSignals(options: SignalsOptions): Promise<Signals> {
	const { settings } = options;
	const metrics =
		settings.metrics &&
		(await (await import('../metrics/start-metrics.ts')).startMetrics(settings.metrics, options));
	const requestsOptions = { ...options, measureRequest: metrics?.measureRequest };
	const traces =
		settings.traces &&
		(await (await import('../traces/start-traces.ts')).startTraces(settings.traces, requestsOptions));
	const requests = traces?.requests ?? (await metrics?.handleRequests(requestsOptions));
	const logs =
		settings.logs && (await (await import('../logs/start-logs.ts')).startLogs(settings.logs, options));
	return {
		...join([traces, metrics, logs].filter((each) => each !== undefined)),
		traces,
		metrics,
		logs,
		requests
	};
}
