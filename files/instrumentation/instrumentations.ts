import { channel } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { INSTRUMENTATION_FILE } from '../diagnostics/instrumentation-file.ts';
import { PLEASE_REPORT, describeError, log } from '../diagnostics/log.ts';
import type { FoundInstrumentation } from '../types/build-manifest.d.ts';
import type { Providers, StartedInstrumentations } from '../types/made-instrumentations.d.ts';
import type { Instrumentation } from '../types/server-instrumentation.d.ts';
import { patchingPartsOf } from './base-class.ts';
import { findInstrumentation, findPackage } from './find-package.ts';
import { guardPatches } from './guard-patches.ts';
import { installImportHooks } from './import-hooks.ts';
import { findAlreadyLoaded, loadedFiles } from './already-loaded.ts';
import { makeInstrumentations } from './make.ts';
import { register } from './providers.ts';
import { howToLeaveOut, shortName } from './select.ts';

/** The package that would start another SERVER span for every request. */
const HTTP = '@opentelemetry/instrumentation-http';

/**
 * Options that differ from upstream's defaults. adapter-node reads files when it starts, which would be a root span
 * each.
 */
const DEFAULTS: Record<string, Record<string, unknown>> = {
	'@opentelemetry/instrumentation-fs': { requireParentSpan: true }
};

/** Where undici publishes outgoing requests, those of `fetch` too. */
const REQUESTS = channel('undici:request:create');

/** An installed instrumentation, and its options. */
export interface Installed extends FoundInstrumentation {
	options: Record<string, unknown>;
}

/** An instrumentation, and the package or file that it comes from. */
interface Made {
	name: string;
	instrumentation: Instrumentation;
}

/**
 * Starts instrumentations, and the import hooks that they need. If one fails, it is logged once, and the
 * others still work.
 *
 * @param installed to be loaded
 * @param own created by the app
 * @param providers the providers that they use
 */
export async function instrument(
	installed: readonly Installed[],
	own: readonly Instrumentation[],
	providers: Providers
): Promise<StartedInstrumentations> {
	const before = loadedFiles();
	// others may subscribe, too, without tracing: Sentry, for example
	const isFree = !REQUESTS.hasSubscribers;
	const loaded = await Promise.all(installed.map(load));
	const made = [
		...loaded.flat(),
		...own.map((instrumentation) => guarded(INSTRUMENTATION_FILE, instrumentation))
	];
	const started = made.filter((each) => start(each, providers));
	const instrumentations = started.map(({ instrumentation }) => instrumentation);
	await hookInto(instrumentations.flatMap(patchingPartsOf));
	const alreadyLoaded = findAlreadyLoaded(instrumentations, before);
	// what sees no library is started nevertheless: a custom server may load one
	const ineffective = new Set(installed.filter(({ isBundled }) => isBundled).map(({ name }) => name));
	const working = started.filter(
		({ name, instrumentation }) => !ineffective.has(name) && !alreadyLoaded.has(instrumentation)
	);
	return {
		names: [...new Set(working.map(nameOf))],
		alreadyLoaded: [...new Set([...alreadyLoaded.values()].flat())],
		isFetchTraced: isFree && REQUESTS.hasSubscribers,
		useProviders: (later) => started.forEach((each) => start(each, later))
	};
}

/** The name in the startup line, which the variables that select instrumentations accept. */
const nameOf = ({ name, instrumentation }: Made): string =>
	shortName(name === INSTRUMENTATION_FILE ? instrumentation.instrumentationName : name);

function guarded(name: string, instrumentation: Instrumentation): Made {
	for (const part of patchingPartsOf(instrumentation)) guardPatches(part, instrumentation, name);
	return { name, instrumentation };
}

async function load({ name, specifier, options }: Installed): Promise<Made[]> {
	try {
		const exports = (await import(resolve(name, specifier))) as object;
		const { instrumentations, failures } = makeInstrumentations(exports, { ...DEFAULTS[name], ...options });
		for (const failure of failures)
			logFailure(name, name, `${failure.name}: ${describeError(failure.error)}`);
		return instrumentations.map((instrumentation) => guarded(name, instrumentation));
	} catch (error) {
		log(
			'error',
			`${name} could not be loaded (${describeError(error)}): the server runs without it. Install it with the app's dependencies, or ${howToLeaveOut(name)}`
		);
		return [];
	}
}

/** What to import: the name, or a path if it can only be resolved through another package. */
function resolve(name: string, specifier: string): string {
	const directory = findPackage(name) ? undefined : findInstrumentation(name);
	return directory
		? pathToFileURL(createRequire(join(directory, '..', 'package.json')).resolve(directory)).href
		: specifier;
}

function start({ name, instrumentation }: Made, providers: Providers): boolean {
	try {
		if (instrumentation.instrumentationName === HTTP) {
			const options = { ...instrumentation.getConfig(), disableIncomingRequestInstrumentation: true };
			instrumentation.setConfig?.(options);
		}
		register(instrumentation, providers);
		return true;
	} catch (error) {
		const what =
			name === INSTRUMENTATION_FILE
				? `\`instrumentations: ${instrumentation.instrumentationName}\` of ${INSTRUMENTATION_FILE}`
				: name;
		logFailure(name, what, describeError(error));
		stop(instrumentation);
		return false;
	}
}

/** Disables an instrumentation that failed to start, because it may already have installed hooks. */
function stop(instrumentation: Instrumentation): void {
	try {
		instrumentation.disable();
	} catch {
		// the failure has already been logged
	}
}

const logFailure = (origin: string, what: string, reason: string): void =>
	log(
		'error',
		`${what} has failed (${reason}): the server runs without it. Update it, or ${howToLeaveOut(origin)}`
	);

async function hookInto(parts: Parameters<typeof installImportHooks>[0]): Promise<void> {
	try {
		await installImportHooks(parts);
	} catch (error) {
		log(
			'error',
			`import hooks could not be installed (${describeError(error)}): instrumentations see what is loaded by \`require\`, and nothing that is loaded by \`import\`. This is a bug in adapter-node-otel, ${PLEASE_REPORT}`
		);
	}
}
