import { log } from '../diagnostics/log.ts';
import type { Settings } from '../config/settings.ts';
import { quote } from '../config/variable.ts';
import type { Defaults, FoundInstrumentation } from '../types/build-manifest.d.ts';

const PREFIX = '@opentelemetry/instrumentation-';

/** The name of an instrumentation as upstream's variables have it: without what most have in common. */
export const shortName = (name: string): string =>
	name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name;

/**
 * Whether an instrumentation is wanted: by the environment, else by the options of the build, else unless it
 * is one that upstream leaves out, too.
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
 * Tells of names in the environment that nothing answers to: a typing error, or what is yet to be installed.
 *
 * @param settings of the environment
 * @param known the packages that there are
 */
export function tellUnknown({ enabled = [] }: Settings['instrumentations'], known: readonly string[]): void {
	for (const name of enabled) {
		// upstream's for what the adapter does itself
		if (name === 'http' || known.some((each) => each === name || shortName(each) === name)) continue;
		log(
			'warn',
			`OTEL_NODE_ENABLED_INSTRUMENTATIONS names ${quote(name)}, which the build has not found: it is left out. Expected ${known.map(shortName).join(', ')}; to have another, install its package and build again`
		);
	}
}
