import { type MeterProvider, type TracerProvider, logs, metrics, trace } from '@opentelemetry/api';
import type { Instrumentation } from '../types/server-instrumentation.d.ts';

/** Where what instrumentations make goes, by signal; to the API's global one where it is undefined. */
export interface Providers {
	tracerProvider?: TracerProvider | undefined;
	meterProvider?: MeterProvider | undefined;
	/** Of `@opentelemetry/api-logs`. */
	loggerProvider?: unknown;
}

/**
 * Registers an instrumentation call by call as upstream does, so that it gets all that it would get there:
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/experimental/packages/opentelemetry-instrumentation/src/autoLoaderUtils.ts
 *
 * Of a signal that is off it gets the API's no-op provider: an instrumentation that is given none may call
 * what it has never made.
 *
 * @throws what the instrumentation throws
 */
export function register(
	instrumentation: Instrumentation,
	{
		tracerProvider = trace.getTracerProvider(),
		meterProvider = metrics.getMeterProvider(),
		loggerProvider = logs.getLoggerProvider()
	}: Providers
): void {
	instrumentation.setTracerProvider(tracerProvider);
	instrumentation.setMeterProvider?.(meterProvider);
	// the base class has it from 0.52 on
	instrumentation.setLoggerProvider?.(loggerProvider);
	// the constructor has enabled it, unless the configuration says otherwise
	if (!instrumentation.getConfig().enabled) instrumentation.enable();
}
