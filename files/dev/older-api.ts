import type { TracerProvider, trace } from '@opentelemetry/api';
import { readRegistry, writeRegistry } from '../sdk/api-registry.ts';

/** A copy of the API that is too old for the run-time code, and that SvelteKit and the app use. */
export interface OlderApi {
	trace: Pick<typeof trace, 'setGlobalTracerProvider'>;
}

/**
 * Sets the provider in a copy of the API, for the tracers that were got from it earlier. All others find the
 * provider in the registry. A copy can register only in a registry of its own version.
 */
export function setDelegate(api: OlderApi, provider: TracerProvider): void {
	const registry = readRegistry();
	writeRegistry(undefined);
	try {
		api.trace.setGlobalTracerProvider(provider);
	} finally {
		writeRegistry(registry);
	}
}
