import type adapterNode from '@sveltejs/adapter-node';
import type { Defaults, Pattern } from '../files/types/build-manifest.d.ts';

/** What the adapter-node that is installed takes: also an option that this package has never heard of. */
type NodeOptions = NonNullable<Parameters<typeof adapterNode>[0]>;

/**
 * Adapter-node's own options, which pass through unchanged, and ours. An `envPrefix` is for adapter-node's
 * variables; OpenTelemetry's are never prefixed.
 */
export interface AdapterOptions extends NodeOptions {
	/** What the server does when telemetry is on. Defaults: the environment of the server wins. */
	telemetry?: TelemetryOptions;
}

/**
 * Defaults for telemetry, set when the app is built. Each has an environment variable, which wins. Whether
 * telemetry is on is not among them: that is for the environment alone.
 */
export interface TelemetryOptions {
	/**
	 * `service.name` of the resource. Environment: `OTEL_SERVICE_NAME`.
	 * https://opentelemetry.io/docs/specs/semconv/resource/#service
	 * @default the `name` of the app's package.json
	 */
	serviceName?: string;
	/**
	 * More attributes of the resource. Environment: `OTEL_RESOURCE_ATTRIBUTES`, attribute by attribute.
	 * https://opentelemetry.io/docs/specs/otel/resource/sdk/
	 * @default {}
	 */
	resourceAttributes?: Record<string, string | number | boolean>;
	/**
	 * For a server that strangers reach: an incoming `traceparent` becomes a link of the SERVER span instead
	 * of its parent, its sampled flag decides nothing, and its baggage is left out. Environment:
	 * `OTEL_SVELTEKIT_PUBLIC_ENDPOINT`.
	 * @default false
	 */
	publicEndpoint?: boolean;
	/**
	 * Requests that make no span, and nothing below them either: paths (`/healthz`), globs (`/internal/**`),
	 * route ids (`/api/health/[name]`) or regular expressions, tested against the path and the route id.
	 * Environment: `OTEL_SVELTEKIT_IGNORE`.
	 * @default []
	 */
	ignore?: (string | RegExp)[];
	/**
	 * Hosts that an outgoing `fetch` sends `traceparent` and `baggage` to: names, globs (`*.example.com`) or
	 * regular expressions, tested against the host with and without its port. Environment:
	 * `OTEL_SVELTEKIT_PROPAGATE_TO`.
	 * @default every host
	 */
	propagateTo?: (string | RegExp)[];
	/**
	 * Query parameters whose values are kept in `url.query` and `url.full`, or `true` for all of them. The
	 * values of all others read `REDACTED`. Environment: `OTEL_SVELTEKIT_QUERY_PARAMETERS`.
	 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span
	 * @default []
	 */
	queryParameters?: string[] | true;
	/**
	 * Whether pages tell the browser their trace, as `Server-Timing: traceparent;desc="00-…"`. Environment:
	 * `OTEL_SVELTEKIT_SERVER_TIMING`.
	 * @default false
	 */
	serverTiming?: boolean;
	/**
	 * How long the last export may delay the exit, in milliseconds. Environment:
	 * `OTEL_SVELTEKIT_SHUTDOWN_TIMEOUT`.
	 * @default 5000
	 */
	shutdownTimeoutMs?: number;
	/**
	 * Options for OpenTelemetry instrumentations that the app has installed, by package name, or `false` to
	 * leave one out. Environment: `OTEL_NODE_ENABLED_INSTRUMENTATIONS`, `OTEL_NODE_DISABLED_INSTRUMENTATIONS`.
	 * @default all that are installed
	 */
	instrumentations?: Record<string, Record<string, unknown> | false>;
}

const CHECKS: Record<keyof TelemetryOptions, { expected: string; valid(value: unknown): boolean }> = {
	serviceName: { expected: 'a string', valid: isString },
	resourceAttributes: {
		expected: 'an object of strings, numbers and booleans',
		valid: (value) =>
			isObject(value) &&
			Object.values(value).every((item) => ['string', 'number', 'boolean'].includes(typeof item))
	},
	publicEndpoint: { expected: 'true or false', valid: isBoolean },
	ignore: { expected: 'an array of strings and regular expressions', valid: arePatterns },
	propagateTo: { expected: 'an array of strings and regular expressions', valid: arePatterns },
	queryParameters: {
		expected: 'an array of names, or true',
		valid: (value) => value === true || (Array.isArray(value) && value.every(isString))
	},
	serverTiming: { expected: 'true or false', valid: isBoolean },
	shutdownTimeoutMs: {
		expected: 'milliseconds, a whole number, 0 or more',
		valid: (value) => Number.isSafeInteger(value) && (value as number) >= 0
	},
	instrumentations: {
		// functions do not survive the build
		expected:
			'an object with options that JSON can say, or false, for each package; functions belong in src/instrumentation.server',
		valid: (value) =>
			isObject(value) &&
			Object.values(value).every((item) => item === false || (isObject(item) && isJson(item)))
	}
};

/**
 * The options as the server reads them.
 *
 * @param options as written by the user
 * @throws {TypeError} for an option that does not exist or has the wrong type: a build is the time to find out
 * @internal
 */
export function toDefaults(options: TelemetryOptions = {}): Defaults {
	const defaults: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(options)) {
		const check = CHECKS[name as keyof TelemetryOptions];
		if (!check) {
			const known = new Intl.ListFormat('en', { type: 'disjunction' }).format(Object.keys(CHECKS));
			throw new TypeError(`adapter-node-otel: unknown option \`telemetry.${name}\` (expected ${known})`);
		}
		if (value === undefined) continue;
		if (!check.valid(value)) {
			throw new TypeError(
				`adapter-node-otel: invalid option \`telemetry.${name}\`: ${inspect(value)} (expected ${check.expected})`
			);
		}
		defaults[name] =
			name === 'ignore' || name === 'propagateTo' ? (value as (string | RegExp)[]).map(toPattern) : value;
	}
	return defaults;
}

const toPattern = (value: string | RegExp): Pattern =>
	typeof value === 'string' ? value : { source: value.source, flags: value.flags };

const inspect = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 100);

function isString(value: unknown): boolean {
	return typeof value === 'string';
}

function isBoolean(value: unknown): boolean {
	return typeof value === 'boolean';
}

function isObject(value: unknown): value is object {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function arePatterns(value: unknown): boolean {
	return Array.isArray(value) && value.every((item) => typeof item === 'string' || item instanceof RegExp);
}

function isJson(value: unknown): boolean {
	if (Array.isArray(value)) return value.every(isJson);
	if (typeof value !== 'object' || value === null)
		return ['string', 'number', 'boolean'].includes(typeof value) || value === null;
	return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
}
