import { builtinModules } from 'node:module';
import path from 'node:path';
import type { Defaults } from '../../files/types/build-manifest.d.ts';
import type { FetchInstrumentation } from '../../files/types/package-names.d.ts';
import { satisfies } from '../libraries/semver.ts';
import { installCommand } from '../project/package-manager.ts';
import { findPackage, readManifest, versionOf } from '../project/project.ts';
import { type Candidate, findInstrumentations } from './find.ts';
import { describeMisplaced, findMisplaced } from './importing.ts';
import { type Inspection, type PatchedModule, inspectInstrumentations } from './inspect.ts';
import { itemsOf } from './items.ts';
import { packageOf } from './specifier.ts';

const BUNDLED: FetchInstrumentation = '@opentelemetry/instrumentation-undici';

/** An instrumentation that the server loads. */
export interface Instrumented extends Candidate {
	/** The packages that it instruments, installed or not. */
	modules: string[];
	/** The packages of these that the app has. */
	libraries: string[];
	/** The packages whose installed version is not supported, each with the supported versions. */
	unsupported: string[];
	/** What to install instead of each of these: name and version range. */
	supported: string[];
}

/** The instrumentations that the build has found, and the warnings about them. */
export interface Libraries {
	instrumentations: Instrumented[];
	messages: string[];
}

/**
 * Finds the instrumentations that the app has installed, and inspects each.
 *
 * @param options the `instrumentations` of the adapter's options
 * @param directory the app's directory
 */
export async function findLibraries(
	options: Defaults['instrumentations'] = {},
	directory: string = process.cwd()
): Promise<Libraries> {
	const app = readManifest(path.join(directory, 'package.json'));
	const candidates = findInstrumentations(app, directory);
	const inspections = await inspectInstrumentations(candidates);
	const misplaced = candidates.map((each, index) => findMisplaced(each, inspections[index]!, app, directory));

	const found = candidates.map((candidate, index) =>
		misplaced[index] ? undefined : describe(candidate, inspections[index]!, directory)
	);
	const instrumentations = found.filter((each) => each !== undefined);
	return {
		instrumentations,
		messages: [
			...inspections.flatMap((each) => describeInspection(each, directory)),
			...candidates.flatMap(({ name }, index) =>
				misplaced[index] ? describeMisplaced(name, misplaced[index]) : []
			),
			...instrumentations.flatMap(({ name, unsupported, supported }) =>
				unsupported.map(
					(library, index) =>
						`${name} does not support ${library}: there will be no ${itemsOf(name)} of it. Update it, or install what it supports: ${installCommand([`"${supported[index]}"`], { from: directory })}`
				)
			),
			...Object.keys(options)
				.filter((name) => !candidates.some((each) => each.name === name) && name !== BUNDLED)
				.map(
					(name) =>
						`\`telemetry.instrumentations\` names ${JSON.stringify(name)}, which is not among the dependencies of the app: it is left out. Install it: ${installCommand([name], { dev: true })}`
				)
		]
	};
}

function describeInspection({ name, isEmpty, error }: Inspection, from: string): string[] {
	if (isEmpty) {
		return [
			`${name} exports no instrumentation that works without code: it is left out. Use it in the app's code, as its documentation says`
		];
	}
	return error
		? [
				`${name} could not be loaded (${error}): the server will try to load it, too. ${describeRemedy(error, from)}`
			]
		: [];
}

/** A strict package manager does not install missing peers. The first import then fails. */
function describeRemedy(error: string, from: string): string {
	const missing = packageOf(/Cannot find (?:package|module) '([^']+)'/.exec(error)?.[1] ?? '');
	return missing && !findPackage(missing, from)
		? `Install what it needs: ${installCommand([missing], { dev: true, from })}`
		: 'Reinstall it or remove it';
}

/**
 * One of all is used only if its library is installed. Upstream decides about instrumentations of Node's
 * own modules, or of none.
 */
function describe(
	candidate: Candidate,
	{ modules: all, isEmpty }: Inspection,
	directory: string
): Instrumented | undefined {
	if (isEmpty) return undefined;
	const packages = all.filter(({ name }) => !isBuiltin(name));
	const named = [...new Set(packages.flatMap(({ name }) => packageOf(name) ?? []))];
	const installed = named.filter((each) => findPackage(each, directory));
	const isOfNode = packages.length < all.length || candidate.name.endsWith('-undici');
	if (candidate.isOneOfAll && installed.length === 0 && !isOfNode) return undefined;

	const versions = installed.map((name) => checkSupport(name, versionOf(name, directory), packages));
	// a package may be patched through another one: `redis` 4 through `@redis/client`
	const unsupported = versions.every((each) => each !== undefined) ? versions : [];
	const isSupported = unsupported.length === 0;
	return {
		...candidate,
		modules: HOOKLESS.has(candidate.name) || !isSupported ? [] : named,
		libraries: isSupported ? installed : [],
		unsupported: unsupported.map(
			({ name, version, supported }) => `${name} ${version} (it supports ${supported.join(', ')})`
		),
		supported: unsupported.map(({ name, supported }) => `${name}@${supported.join(' || ')}`)
	};
}

/** A library whose version is not supported. */
interface Unsupported {
	name: string;
	version: string;
	/** Version ranges. */
	supported: string[];
}

/** Returns what an instrumentation supports of a library, if that does not include its version. */
function checkSupport(
	library: string,
	version: string | undefined,
	modules: readonly PatchedModule[]
): Unsupported | undefined {
	const definitions = modules.filter(({ name }) => packageOf(name) === library);
	const isSupported = definitions.some(({ supported, includePrerelease = false }) =>
		supported.some((range) => version && satisfies(version, range, { includePrerelease }))
	);
	const supported = [...new Set(definitions.flatMap((each) => each.supported))];
	if (isSupported || !version || supported.length === 0) return undefined;
	return { name: library, version, supported };
}

/** Prisma's client calls its instrumentation itself, whether bundled or not. */
const HOOKLESS = new Set(['@prisma/instrumentation']);

const isBuiltin = (name: string): boolean => builtinModules.includes(name.replace(/^node:/, ''));
