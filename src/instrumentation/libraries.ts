import { builtinModules } from 'node:module';
import path from 'node:path';
import type { Defaults } from '../../files/types/build-manifest.d.ts';
import { findPackage, readManifest } from '../project/project.ts';
import { type Candidate, findInstrumentations } from './find.ts';
import { type Inspection, inspectInstrumentations } from './inspect.ts';
import { packageOf } from './specifier.ts';

/** An instrumentation that the server is to load. */
export interface Instrumented extends Candidate {
	/** The packages that it instruments, installed or not. */
	modules: string[];
	/** Those of them that the app has. */
	libraries: string[];
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
			...inspections.flatMap(({ name, error }) =>
				error
					? [`${name} could not be loaded (${error}): the server will try, too. Reinstall it or remove it`]
					: []
			),
			...Object.keys(options)
				.filter((name) => !found.some((each) => each?.name === name) && !isBundled(name))
				.map(
					(name) =>
						`\`telemetry.instrumentations\` names ${JSON.stringify(name)}, which is not among the dependencies of the app: it is left out. Install it`
				)
		]
	};
}

/** One of all is of use only where its library is; what is for Node's own modules, or for none, is decided upstream. */
function describe(
	candidate: Candidate,
	{ modules: all, error }: Inspection,
	directory: string
): Instrumented | undefined {
	const packages = all.filter((each) => !isBuiltin(each)).flatMap((each) => packageOf(each) ?? []);
	const named = error ? [] : [...new Set(packages)];
	const modules = HOOKLESS.has(candidate.name) ? [] : named;
	const libraries = named.filter((each) => findPackage(each, directory));
	const isOfNode = all.some(isBuiltin) || candidate.name.endsWith('-undici');
	if (candidate.isOneOfAll && libraries.length === 0 && !isOfNode) return undefined;
	return { ...candidate, modules, libraries };
}

/** Prisma's client calls its instrumentation by itself, bundled or not. */
const HOOKLESS = new Set(['@prisma/instrumentation']);

const isBuiltin = (name: string): boolean => builtinModules.includes(name.replace(/^node:/, ''));

/** What outgoing `fetch` is traced with is part of the adapter. */
const isBundled = (name: string): boolean => name === '@opentelemetry/instrumentation-undici';
