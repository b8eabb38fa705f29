import type adapterNode from '@sveltejs/adapter-node';
import type { TelemetryOptions } from '../telemetry-options.d.ts';

export type { TelemetryOptions } from '../telemetry-options.d.ts';

/** The options of the installed adapter-node, including options that this package does not know. */
type NodeOptions = NonNullable<Parameters<typeof adapterNode>[0]>;

/**
 * Adapter-node's options, which are passed on unchanged, and our own. `envPrefix` applies to
 * adapter-node's variables; OpenTelemetry's variables never have a prefix.
 */
export interface AdapterOptions extends NodeOptions {
	/**
	 * What the server does when telemetry is on. These are defaults: the server's environment takes
	 * precedence.
	 */
	telemetry?: TelemetryOptions;
}
