import { realpathSync } from 'node:fs';
import type { FoundInstrumentation } from '../../files/types/build-manifest.d.ts';
import { type Manifest, findPackage } from '../project/project.ts';

/** What every instrumentation is made with. */
const BASE = '@opentelemetry/instrumentation';

/** The package that brings all of OpenTelemetry's own. */
const ALL = '@opentelemetry/auto-instrumentations-node';

/** Those of it that upstream leaves out, too, unless they are asked for. */
const OPT_IN = new Set(['@opentelemetry/instrumentation-fs', '@opentelemetry/instrumentation-host-metrics']);

/** An instrumentation package of the app. */
export interface Candidate extends Omit<FoundInstrumentation, 'unsupported'> {
	/** Where it is. */
	directory: string;
	/** The directory of what has it installed: the app, or the package that it came with. */
	from: string;
	/** Production has it only if the build brings it along: it is not there by `dependencies`. */
	isDevelopmentOnly: boolean;
	/** Whether it came with all the others, and so is of use only where its library is installed. */
	isOneOfAll?: true;
}

/**
 * The instrumentations among the packages that the app names: all of OpenTelemetry's, and those of others
 * that say so in their name and are made with the same base.
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
