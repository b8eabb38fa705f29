/*
 * The interface between the two halves: what the build passes to the server. `src/` writes it as JSON, `files/`
 * reads it. Types only.
 */

import type { TelemetryOptions } from './telemetry-options.d.ts';

/** A string, or a regular expression in a form that JSON can represent. */
export type Pattern = string | { source: string; flags: string };

/** The value of an option in a form that JSON can represent. */
type AsJson<T> = T extends RegExp ? Pattern : T extends readonly (infer Item)[] ? AsJson<Item>[] : T;

/** The options of `telemetry`, as JSON: defaults, which the environment can override. */
export type Defaults = { [Name in keyof TelemetryOptions]: AsJson<TelemetryOptions[Name]> };

/** An OpenTelemetry instrumentation package that the build has found among the app's dependencies. */
export interface FoundInstrumentation {
	/** The name of the package: `@opentelemetry/instrumentation-pg`. */
	name: string;
	/** How the server imports it: a bare specifier, or a path relative to `build/otel/`. */
	specifier: string;
	/** The package is used only if it is enabled by name. */
	isOptIn?: true;
	/** The instrumented libraries, if the app has no supported version of any of them: the package is not loaded. */
	unsupported?: string[];
	/** All instrumented libraries that the app has are bundled into the server, where it does not see them. */
	isBundled?: true;
}

/** What the build knows about the app. */
export interface BuildManifest {
	/** The name and version of the app, from its package.json. */
	app: { name?: string; version?: string };
	/** The name and version of this package: `telemetry.distro.*`. */
	distro: { name: string; version: string };
	/** adapter-node's option `envPrefix`: the prefix of its environment variables. */
	envPrefix: string;
	/** SvelteKit 3's `paths.origin`, if the app sets it. */
	origin?: string;
	/** SvelteKit's `paths.base`. */
	base: string;
	/** SvelteKit's `appDir`. */
	appDir: string;
	/** The directory of the routes, relative to the project, with forward slashes. */
	routes: string;
	/** What to do if SvelteKit 2 was built without its tracing flag, so that requests cannot be traced. */
	missingFlag?: string;
	/** The options of `telemetry`. */
	defaults: Defaults;
	/** The instrumentation packages that the build has found. */
	instrumentations: FoundInstrumentation[];
}
