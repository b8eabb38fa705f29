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
	 * Whether a request that ends with an error is exported whole although the sampler has not chosen it: a
	 * status of 5xx, an unexpected exception, a span that the app has set to ERROR. Environment:
	 * `OTEL_SVELTEKIT_KEEP_ERRORS`.
	 * @default false
	 */
	keepErrors?: boolean;
	/**
	 * The same for a request that takes longer than this, in milliseconds: to the end of the response, of an
	 * event stream to its headers. Environment: `OTEL_SVELTEKIT_KEEP_SLOWER_THAN`.
	 * @default none is kept for its time
	 */
	keepSlowerThanMs?: number;
	/**
	 * Sampling ratios, from 0 to 1, of paths, globs, route ids and `/regular expressions/`, as `ignore` has them
	 * in its variable. The first that matches wins, in the order of the object; for all others
	 * `OTEL_TRACES_SAMPLER` decides. Environment: `OTEL_SVELTEKIT_SAMPLE`.
	 * @default {}
	 */
	sample?: Record<string, number>;
	/**
	 * The least severity of a log record that is exported. Environment: `OTEL_SVELTEKIT_LOG_SEVERITY`.
	 * https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
	 * @default every severity
	 */
	logSeverity?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
	/**
	 * How long the body of a log record may be, in characters; what is longer is cut. Environment:
	 * `OTEL_SVELTEKIT_LOG_BODY_LIMIT`.
	 * @default 65536
	 */
	logBodyLimit?: number;
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
