import { type MeterProvider, createNoopMeter, metrics } from '@opentelemetry/api';
import { log } from '../diagnostics/log.ts';
import { OURS, type SafeMeterProvider } from './safe-meters.ts';

/**
 * Registers the provider for the app's own meters, unless the app has registered one: its metrics must not go
 * elsewhere without a word.
 *
 * @param provider our provider
 */
export function registerMeters(provider: SafeMeterProvider): void {
	const registered = metrics.getMeterProvider();
	if (isForeign(registered)) {
		log(
			'info',
			"another meter provider is already registered: the app's meters use it, and adapter-node-otel exports only its own metrics. Remove that registration to export all metrics"
		);
		return;
	}
	// remove the provider of a dev server that has restarted
	metrics.disable();
	metrics.setGlobalMeterProvider(provider);
}

const isForeign = (provider: MeterProvider): boolean =>
	!(OURS in provider) && provider.getMeter('adapter-node-otel').constructor !== createNoopMeter().constructor;
