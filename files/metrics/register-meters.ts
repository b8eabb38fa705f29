import { type MeterProvider, createNoopMeter, metrics } from '@opentelemetry/api';
import { log } from '../diagnostics/log.ts';

/**
 * Registers the provider for the app's own meters, unless the app has registered one: its metrics must not go
 * elsewhere without a word.
 *
 * @param provider our provider
 * @returns undoes it
 */
export function registerMeters(provider: MeterProvider): () => void {
	if (isForeign(metrics.getMeterProvider())) {
		log(
			'info',
			"another meter provider is already registered: the app's meters use it, and adapter-node-otel exports only its own metrics. Remove that registration to export all metrics"
		);
		return () => {};
	}
	// one whose meters do nothing may be registered
	metrics.disable();
	metrics.setGlobalMeterProvider(provider);
	return () => metrics.disable();
}

const isForeign = (provider: MeterProvider): boolean =>
	provider.getMeter('adapter-node-otel').constructor !== createNoopMeter().constructor;
