import type adapterNode from '@sveltejs/adapter-node';
import type { TelemetryOptions } from '../telemetry-options.d.ts';

export type { TelemetryOptions } from '../telemetry-options.d.ts';

/** What the adapter-node that is installed takes: also an option that this package has never heard of. */
type NodeOptions = NonNullable<Parameters<typeof adapterNode>[0]>;

/**
 * Adapter-node's own options, which pass through unchanged, and ours. An `envPrefix` is for adapter-node's
 * variables; OpenTelemetry's are never prefixed.
 */
export interface AdapterOptions extends NodeOptions {
	/** What the server does when telemetry is on. Defaults: the environment of the server wins. */
	telemetry?: TelemetryOptions;
}
