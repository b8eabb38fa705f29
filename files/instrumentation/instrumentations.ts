import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, guard } from '../diagnostics/guard.ts';
import { log } from '../diagnostics/log.ts';
import { PLEASE_REPORT } from '../diagnostics/report.ts';
import type { FoundInstrumentation } from '../types/build-manifest.d.ts';
import type { Instrumentation } from '../types/server-instrumentation.d.ts';
import { findInstrumentation, findPackage } from './find-package.ts';
import { type ModuleDefinition, installImportHooks } from './import-hooks.ts';
import { shortName } from './select.ts';

/** The package that would make a SERVER span of its own for every request. */
const HTTP = '@opentelemetry/instrumentation-http';

/** An instrumentation class; the options are its own. */
type InstrumentationClass = new (options: Record<string, unknown>) => Instrumentation;

/** What `@opentelemetry/instrumentation` knows of the modules, in its newer and its older versions. */
interface Hooking {
	getModuleDefinitions?(): ModuleDefinition[];
	_modules?: ModuleDefinition[];
}

/** Where what instrumentations make goes, by signal; to the API's global one where it is undefined. */
export interface Providers {
	tracerProvider?: TracerProvider | undefined;
	meterProvider?: MeterProvider | undefined;
	/** Of `@opentelemetry/api-logs`. */
	loggerProvider?: unknown;
}

/** An installed instrumentation, and its options. */
export interface Installed extends FoundInstrumentation {
	options: Record<string, unknown>;
}

/**
 * Sets instrumentations to work, and the import hooks that they need. Nothing that fails keeps the others
 * from it: it is told, once.
 *
 * @param installed to be loaded
 * @param own that the app has made
 * @param providers where what they make goes
 * @returns the short names of those that work
 */
export async function instrument(
	installed: readonly Installed[],
	own: readonly Instrumentation[],
	providers: Providers
): Promise<string[]> {
	const loaded = await Promise.all(installed.map(load));
	const working = [...loaded.flat(), ...own].filter((instrumentation) => enable(instrumentation, providers));
	await hookInto(working);
	return [...new Set(working.map(({ instrumentationName }) => shortName(instrumentationName)))];
}

async function load({ name, specifier, options }: Installed): Promise<Instrumentation[]> {
	try {
		const classes = classesOf((await import(resolve(name, specifier))) as Record<string, unknown>);
		if (classes.length === 0) throw new Error('it exports no instrumentation');
		return classes.map((Class) => new Class(options));
	} catch (error) {
		log(
			'error',
			`${name} could not be loaded (${describe(error)}): the server runs without it. Install it with the app's dependencies, or leave it out by OTEL_NODE_DISABLED_INSTRUMENTATIONS=${shortName(name)}`
		);
		return [];
	}
}

/** What to import: by its name, unless it can be reached through another package only. */
function resolve(name: string, specifier: string): string {
	const directory = findPackage(name) ? undefined : findInstrumentation(name);
	return directory
		? pathToFileURL(createRequire(join(directory, '..', 'package.json')).resolve(directory)).href
		: specifier;
}

/** The instrumentations among the exports of a package; its base class may be among them, too. */
export function classesOf(exports: Record<string, unknown>): InstrumentationClass[] {
	const classes = Object.entries(exports).flatMap(([name, value]) => {
		const prototype =
			typeof value === 'function' && (value.prototype as Partial<Instrumentation> | undefined);
		const isInstrumentation =
			prototype &&
			typeof prototype.enable === 'function' &&
			typeof prototype.setTracerProvider === 'function';
		return isInstrumentation && name !== 'InstrumentationBase' ? [value as InstrumentationClass] : [];
	});
	return [...new Set(classes)];
}

function enable(
	instrumentation: Instrumentation,
	{ tracerProvider, meterProvider, loggerProvider }: Providers
): boolean {
	const start = (): boolean => {
		if (tracerProvider) instrumentation.setTracerProvider(tracerProvider);
		if (meterProvider) instrumentation.setMeterProvider?.(meterProvider);
		if (loggerProvider) instrumentation.setLoggerProvider?.(loggerProvider);
		if (instrumentation.instrumentationName === HTTP) {
			const options = { ...instrumentation.getConfig(), disableIncomingRequestInstrumentation: true };
			instrumentation.setConfig?.(options);
		}
		if (!instrumentation.getConfig().enabled) instrumentation.enable();
		return true;
	};
	return guard(`instrumentations: ${instrumentation.instrumentationName}`, start, () => false)();
}

async function hookInto(instrumentations: readonly (Instrumentation & Hooking)[]): Promise<void> {
	try {
		await installImportHooks(
			new Map(instrumentations.map((each) => [each.instrumentationName, modulesOf(each)]))
		);
	} catch (error) {
		log(
			'error',
			`import hooks could not be installed (${describe(error)}): instrumentations see what is loaded by \`require\`, and nothing that is loaded by \`import\`. This is a bug in adapter-node-otel, ${PLEASE_REPORT}`
		);
	}
}

/** One that is made of others has them only by the newer way. */
const modulesOf = (instance: Hooking): readonly ModuleDefinition[] =>
	instance._modules?.length ? instance._modules : (instance.getModuleDefinitions?.() ?? []);
