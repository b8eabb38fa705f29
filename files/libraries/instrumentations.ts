import type { TracerProvider } from '@opentelemetry/api';
import { guard } from '../guard.ts';
import type { Instrumentation } from '../server-instrumentation.d.ts';

/**
 * Sets instrumentations to work.
 *
 * @param instrumentations the app's own
 * @param provider where their spans go
 * @returns the names of those that work
 */
export function enable(instrumentations: readonly Instrumentation[], provider: TracerProvider): string[] {
	return instrumentations
		.filter((instrumentation) => {
			const start = (): boolean => {
				instrumentation.setTracerProvider(provider);
				if (!instrumentation.getConfig().enabled) instrumentation.enable();
				return true;
			};
			return guard(`instrumentations: ${instrumentation.instrumentationName}`, start, () => false)();
		})
		.map(({ instrumentationName }) => instrumentationName);
}
