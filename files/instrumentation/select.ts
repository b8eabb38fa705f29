import { INSTRUMENTATION_FILE } from '../diagnostics/instrumentation-file.ts';
import { log } from '../diagnostics/log.ts';
import type { Settings } from '../config/settings.ts';
import { quote } from '../config/variable.ts';
import type { Defaults, FoundInstrumentation } from '../types/build-manifest.d.ts';

const PREFIX = '@opentelemetry/instrumentation-';

/** The name of an instrumentation in upstream's environment variables: without the common prefix. */
export const shortName = (name: string): string =>
	name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;

/**
 * How to leave out an instrumentation, for messages. The variables do not select those that the app creates itself.
 *
 * @param origin the package or file that it comes from
 */
export const howToLeaveOut = (origin: string): string =>
	origin === INSTRUMENTATION_FILE
		? `remove it from ${INSTRUMENTATION_FILE}`
		: `leave it out by OTEL_NODE_DISABLED_INSTRUMENTATIONS=${shortName(origin)}`;

/**
 * Whether an instrumentation is enabled. The environment comes first, then the options of the build. By
 * default, all are enabled except those that upstream disables, too.
 *
 * @param found by the build
 * @param settings of the environment
 * @param options of the build
 */
export function isWanted(
	{ name, isOptIn }: Pick<FoundInstrumentation, 'name' | 'isOptIn'>,
	{ enabled, disabled }: Settings['instrumentations'],
	options: Defaults['instrumentations'] = {}
): boolean {
	const isNamedIn = (names: readonly string[]): boolean =>
		names.includes(shortName(name)) || names.includes(name);
	if (isNamedIn(disabled)) return false;
	if (enabled) return isNamedIn(enabled);
	return options[name] !== false && (!isOptIn || options[name] !== undefined);
}

/**
 * Logs unknown names in the environment: a typing error, or an instrumentation that is not installed.
 *
 * @param settings of the environment
 * @param known the available packages
 */
export function logUnknown({ enabled = [] }: Settings['instrumentations'], known: readonly string[]): void {
	for (const name of enabled) {
		// upstream's name for what the adapter does itself
		if (name === 'http' || known.some((each) => each === name || shortName(each) === name)) continue;
		log(
			'warn',
			`OTEL_NODE_ENABLED_INSTRUMENTATIONS names ${quote(name)}, which the build has not found: it is left out. Expected ${known.map(shortName).join(', ')}; to have another, install its package and build again`
		);
	}
}
