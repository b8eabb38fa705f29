import { type TextMapPropagator, propagation } from '@opentelemetry/api';
import { readRegistry, writeRegistry } from './api-registry.ts';

/**
 * Raises the version of the API registry to the version of the API copy in the build output, so that this copy
 * can read what an older one has registered, and can register more. A copy can register only in a registry of
 * exactly its own version, and can read only a registry of its own version or a newer one
 * (https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts). Older copies
 * can still read the registry, because minor versions only add.
 */
export function raiseRegistry(): void {
	const registry = readRegistry();
	if (!registry) return;
	const version = ownVersion();
	if (minorOf(version) >= minorOf(registry.version)) writeRegistry({ ...registry, version });
}

/**
 * The version of the API copy in the build output, found by registering something. The build may have replaced
 * the copy of this package by the newest one in the app.
 */
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

/** Registered only to find the version. */
const NOTHING: TextMapPropagator = { inject() {}, extract: (active) => active, fields: () => [] };

const minorOf = (version: string): number => Number(version.split('.')[1]);
