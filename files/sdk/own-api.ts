import { type TextMapPropagator, propagation } from '@opentelemetry/api';
import { readRegistry, writeRegistry } from './api-registry.ts';

/**
 * Makes what an older copy of the API has registered readable to the one in this output, and lets that one
 * register more: a copy only does where the version is its own exactly, and only reads what is as new as it is
 * (https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts). Older copies
 * read what newer ones have registered, for minor versions only add.
 */
export function raiseRegistry(): void {
	const registry = readRegistry();
	if (!registry) return;
	const version = ownVersion();
	if (minorOf(version) >= minorOf(registry.version)) writeRegistry({ ...registry, version });
}

/** The version of the copy in this output, as it registers; the newest in the app may have been put in its place. */
function ownVersion(): string {
	const registry = readRegistry();
	writeRegistry(undefined);
	try {
		propagation.setGlobalPropagator(NOTHING);
		return readRegistry()!.version;
	} finally {
		writeRegistry(registry);
	}
}

/** Registered for a moment. */
const NOTHING: TextMapPropagator = { inject() {}, extract: (active) => active, fields: () => [] };

const minorOf = (version: string): number => Number(version.split('.')[1]);
