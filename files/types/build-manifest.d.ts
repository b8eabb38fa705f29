/*
 * The seam between the two halves: what the build knows and the server needs. `src/` writes it as JSON,
 * `files/` reads it. Types only.
 */

import type { TelemetryOptions } from './telemetry-options.d.ts';

/** A string, or a regular expression in a form that JSON can carry. */
export type Pattern = string | { source: string; flags: string };

/** A value of an option in a form that JSON can carry. */
type AsJson<T> = T extends RegExp ? Pattern : T extends readonly (infer Item)[] ? AsJson<Item>[] : T;

/** The options of `telemetry`, as JSON: the defaults that the environment may override. */
export type Defaults = { [Name in keyof TelemetryOptions]: AsJson<TelemetryOptions[Name]> };

/** An OpenTelemetry instrumentation package that the build found among the app's dependencies. */
export interface FoundInstrumentation {
	/** The package, `@opentelemetry/instrumentation-pg`. */
	name: string;
	/** How the server imports it: a bare specifier, or a path relative to `build/otel/`. */
	specifier: string;
	/** It is used only where somebody asks for it by name. */
	isOptIn?: true;
	/** All of its libraries that the app has, if none is of a version that it supports: it is not loaded. */
	unsupported?: string[];
}

/** What the build knows about the app. */
export interface BuildManifest {
	/** The app's own package name and version. */
	app: { name?: string; version?: string };
	/** The name and version of this package: `telemetry.distro.*`. */
	distro: { name: string; version: string };
	/** adapter-node's option of the same name: the prefix of its environment variables. */
	envPrefix: string;
	/** SvelteKit 3's `paths.origin`, when the app sets it. */
	origin?: string;
	/** SvelteKit's `paths.base`. */
	base: string;
	/** SvelteKit's `appDir`. */
	appDir: string;
	/** The folder of the routes, relative to the project, with forward slashes. */
	routes: string;
	/** SvelteKit 2 was built without its tracing, and there is nothing to trace a request by: what to do. */
	missingFlag?: string;
	/** The options of `telemetry`. */
	defaults: Defaults;
	/** What was found to instrument libraries with. */
	instrumentations: FoundInstrumentation[];
}
