import { builtinModules } from 'node:module';
import path from 'node:path';
import type { Defaults } from '../../files/types/build-manifest.d.ts';
import { satisfies } from '../libraries/semver.ts';
import { installCommand } from '../project/package-manager.ts';
import { findPackage, readManifest, versionOf } from '../project/project.ts';
import { type Candidate, findInstrumentations } from './find.ts';
import { type Inspection, type PatchedModule, inspectInstrumentations } from './inspect.ts';
import { packageOf } from './specifier.ts';

/** An instrumentation that the server is to load. */
export interface Instrumented extends Candidate {
	/** The packages that it instruments, installed or not. */
	modules: string[];
	/** Those of them that the app has. */
	libraries: string[];
	/** What the app has instead, of versions that it does not support, each with those that it does. */
	unsupported: string[];
}

/** What the build has found to instrument libraries with, and what there is to say about it. */
export interface Libraries {
	instrumentations: Instrumented[];
	messages: string[];
}

/**
 * Finds the instrumentations that the app has installed, and asks each what it is for.
 *
 * @param options the `instrumentations` of the adapter's options
 * @param directory of the app
 */
export async function findLibraries(
	options: Defaults['instrumentations'] = {},
	directory: string = process.cwd()
): Promise<Libraries> {
	const candidates = findInstrumentations(readManifest(path.join(directory, 'package.json')), directory);
	const inspections = await inspectInstrumentations(candidates);

	const found = candidates.map((candidate, index) => describe(candidate, inspections[index]!, directory));
	const instrumentations = found.filter((each) => each !== undefined);
	return {
		instrumentations,
		messages: [
			...inspections.flatMap((each) => describeInspection(each, directory)),
			...instrumentations.flatMap(({ name, unsupported }) =>
				unsupported.map(
					(library) =>
						`${name} does not support ${library}: there will be no spans of it. ${INSTALL_SUPPORTED}`
				)
			),
			...Object.keys(options)
				.filter((name) => !candidates.some((each) => each.name === name) && !isBundled(name))
				.map(
					(name) =>
						`\`telemetry.instrumentations\` names ${JSON.stringify(name)}, which is not among the dependencies of the app: it is left out. Install it: ${installCommand([name], { dev: true })}`
				)
		]
	};
}

const INSTALL_SUPPORTED = 'Install versions of both that go together';

function describeInspection({ name, isEmpty, error }: Inspection, from: string): string[] {
	if (isEmpty) {
		return [
			`${name} exports nothing that instruments by being installed: it is left out. Use it in the app's code, as its documentation says`
		];
	}
	return error
		? [`${name} could not be loaded (${error}): the server will try, too. ${describeRemedy(error, from)}`]
		: [];
}

/** A peer that a strict package manager has not installed is missed at the first import. */
function describeRemedy(error: string, from: string): string {
	const missing = packageOf(/Cannot find (?:package|module) '([^']+)'/.exec(error)?.[1] ?? '');
	return missing && !findPackage(missing, from)
		? `Install what it needs: ${installCommand([missing], { dev: true, from })}`
		: 'Reinstall it or remove it';
}

/** One of all is of use only where its library is; what is for Node's own modules, or for none, is decided upstream. */
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

	const versions = installed.map((name) => describeUnsupported(name, versionOf(name, directory), packages));
	// a package may be patched below another one: `redis` 4 in `@redis/client`
	const unsupported = versions.every((each) => each !== undefined) ? versions : [];
	const isSupported = unsupported.length === 0;
	return {
		...candidate,
		modules: HOOKLESS.has(candidate.name) || !isSupported ? [] : named,
		libraries: isSupported ? installed : [],
		unsupported
	};
}

/** A library with its version and the ones that would be supported, if the version is not one of them. */
function describeUnsupported(
	library: string,
	version: string | undefined,
	modules: readonly PatchedModule[]
): string | undefined {
	const definitions = modules.filter(({ name }) => packageOf(name) === library);
	const isSupported = definitions.some(({ supported, includePrerelease = false }) =>
		supported.some((range) => version && satisfies(version, range, { includePrerelease }))
	);
	const supported = [...new Set(definitions.flatMap((each) => each.supported))];
	if (isSupported || !version || supported.length === 0) return undefined;
	return `${library} ${version} (it supports ${supported.join(', ')})`;
}

/** Prisma's client calls its instrumentation by itself, bundled or not. */
const HOOKLESS = new Set(['@prisma/instrumentation']);

const isBuiltin = (name: string): boolean => builtinModules.includes(name.replace(/^node:/, ''));

/** What outgoing `fetch` is traced with is part of the adapter. */
const isBundled = (name: string): boolean => name === '@opentelemetry/instrumentation-undici';
