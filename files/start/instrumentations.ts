import { instrumentLibraries } from '../instrumentation/libraries.ts';
import type { StartedInstrumentations } from '../types/made-instrumentations.d.ts';
import type { Instrumentation } from '../types/server-instrumentation.d.ts';
import type { Signals, SignalsOptions } from './signals.ts';

/**
 * Starts the instrumentations of libraries, and then the measurements and logs that depend on which of them work.
 *
 * @param signals the signals that are on
 * @param options the options of the signals
 */
export async function startInstrumentations(
	{ traces, metrics, logs }: Signals,
	options: SignalsOptions
): Promise<StartedInstrumentations> {
	const { app, dev } = options;
	const started = await instrumentLibraries({
		...options,
		own: ([app.instrumentations ?? []] as unknown[]).flat(Infinity) as Instrumentation[],
		providers: {
			tracerProvider: dev?.provider ?? traces?.provider,
			meterProvider: metrics?.provider,
			loggerProvider: logs?.provider
		},
		outgoing: traces?.requests.outgoing,
		measureFetch: metrics?.measureFetch
	});
	metrics?.measureRuntime(started.names);
	logs?.observe(started.names);
	return started;
}
