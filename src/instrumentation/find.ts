import { realpathSync } from 'node:fs';
import type { FoundInstrumentation } from '../../files/types/build-manifest.d.ts';
import type { AllInstrumentations } from '../../files/types/package-names.d.ts';
import { type Manifest, findPackage } from '../project/project.ts';

/** The package with the base class of all instrumentations. */
const BASE = '@opentelemetry/instrumentation';

const ALL: AllInstrumentations = '@opentelemetry/auto-instrumentations-node';

/** Its instrumentations that are off by default upstream too. */
const OPT_IN = new Set(['@opentelemetry/instrumentation-fs', '@opentelemetry/instrumentation-host-metrics']);

/** An instrumentation package of the app. */
export interface Candidate extends Omit<FoundInstrumentation, 'unsupported'> {
	/** The directory of the package. */
	directory: string;
	/** The directory of the package that has it installed: the app, or the package that depends on it. */
	from: string;
	/** Whether it must be copied into the output, because it is not in production by `dependencies`. */
	isDevelopmentOnly: boolean;
	/**
	 * Whether it was installed by the package of all instrumentations. Then it is used only if its library
	 * is installed.
	 */
	isOneOfAll?: true;
}

/**
 * The instrumentations among the packages that the app names: all of OpenTelemetry's, and packages of
 * others that have `instrumentation` in their name and use the same base class.
 *
 * @param app its package.json
 * @param from the directory of the app
 */
export function findInstrumentations(
	{ dependencies = {}, devDependencies = {} }: Manifest,
	from: string = process.cwd()
): Candidate[] {
	const packages = Object.keys({ ...dependencies, ...devDependencies });
	const named = packages.flatMap((name) => candidate(name, from, !(name in dependencies)));
	const all = packages.includes(ALL) ? findPackage(ALL, from) : undefined;
	if (!all) return named;

	const directory = realpathSync(all.directory);
	const others = Object.keys(all.manifest.dependencies ?? {})
		.filter((name) => !packages.includes(name))
		.flatMap((name) => candidate(name, directory, !(ALL in dependencies)))
		.map((each): Candidate => ({
			...each,
			isOneOfAll: true,
			...(OPT_IN.has(each.name) && { isOptIn: true })
		}));
	return [...named, ...others];
}

function candidate(name: string, from: string, isDevelopmentOnly: boolean): Candidate[] {
	if (name === BASE || name === ALL || !name.includes('instrumentation')) return [];
	const found = findPackage(name, from);
	if (!found || !usesBase(found.manifest)) return [];
	return [{ name, specifier: name, directory: realpathSync(found.directory), from, isDevelopmentOnly }];
}

const usesBase = ({ dependencies, peerDependencies }: Manifest): boolean =>
	BASE in { ...dependencies, ...peerDependencies };
