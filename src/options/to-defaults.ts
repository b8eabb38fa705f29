import type { Defaults } from '../../files/types/build-manifest.d.ts';
import type { TelemetryOptions } from '../telemetry-options.d.ts';
import type { OptionKind } from './kinds.ts';
import { OPTIONS } from './table.ts';

/**
 * Converts the options to the form that the server reads.
 *
 * @param options the user's options
 * @throws {TypeError} for an unknown option or a wrong type, so that the build fails
 * @internal
 */
export function toDefaults(options: TelemetryOptions = {}): Defaults {
	const defaults: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(options)) {
		if (!Object.hasOwn(OPTIONS, name)) {
			const known = new Intl.ListFormat('en', { type: 'disjunction' }).format(Object.keys(OPTIONS));
			throw new TypeError(`adapter-node-otel: unknown option \`telemetry.${name}\` (expected ${known})`);
		}
		if (value === undefined) continue;
		const { expected, isValid, toJson } = OPTIONS[name as keyof TelemetryOptions] as OptionKind<unknown>;
		if (!isValid(value)) {
			throw new TypeError(
				`adapter-node-otel: invalid option \`telemetry.${name}\`: ${inspect(value)} (expected ${expected})`
			);
		}
		defaults[name] = toJson ? toJson(value) : value;
	}
	return defaults;
}

const inspect = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 100);
