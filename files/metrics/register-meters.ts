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
			'a meter provider was registered before this one: the meters of the app keep it. Requests, fetch and Node are measured here. Leave its registration out to export everything here'
		);
		return;
	}
	// remove the provider of a dev server that has restarted
	metrics.disable();
	metrics.setGlobalMeterProvider(provider);
}

const isForeign = (provider: MeterProvider): boolean =>
	!(OURS in provider) && provider.getMeter('adapter-node-otel').constructor !== createNoopMeter().constructor;
