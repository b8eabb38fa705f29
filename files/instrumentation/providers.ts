import { logs, metrics, trace } from '@opentelemetry/api';
import type { Providers } from '../types/made-instrumentations.d.ts';
import type { Instrumentation } from '../types/server-instrumentation.d.ts';

/**
 * Registers an instrumentation with the same calls as upstream, so that it gets the same providers:
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/experimental/packages/opentelemetry-instrumentation/src/autoLoaderUtils.ts
 *
 * If a signal is off, it gets the API's no-op provider: without a provider, an instrumentation may use an
 * instrument that it never created.
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
	// available in the base class since 0.52
	instrumentation.setLoggerProvider?.(loggerProvider);
	// the constructor has enabled it, unless the configuration says otherwise
	if (!instrumentation.getConfig().enabled) instrumentation.enable();
}
