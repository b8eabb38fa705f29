/**
 * Defaults for telemetry, set when the app is built. Each option has an environment variable, which overrides it.
 * No option turns telemetry on: only the environment does.
 */
export interface TelemetryOptions {
	/**
	 * `service.name` of the resource. Environment: `OTEL_SERVICE_NAME`.
	 * https://opentelemetry.io/docs/specs/semconv/resource/#service
	 * @default the `name` of the app's package.json
	 */
	serviceName?: string;
	/**
	 * Additional resource attributes. Environment: `OTEL_RESOURCE_ATTRIBUTES`, merged by attribute.
	 * https://opentelemetry.io/docs/specs/otel/resource/sdk/
	 * @default {}
	 */
	resourceAttributes?: Record<string, string | number | boolean>;
	/**
	 * For a server that receives requests from the public: an incoming `traceparent` becomes a link of the SERVER
	 * span instead of its parent, its sampled flag is ignored, and its baggage is dropped. Environment:
	 * `OTEL_SVELTEKIT_PUBLIC_ENDPOINT`.
	 * @default false
	 */
	publicEndpoint?: boolean;
	/**
	 * Requests that are not traced, including all of their child spans: paths (`/healthz`), globs
	 * (`/internal/**`), route ids (`/api/health/[name]`) or regular expressions, matched against the path and the
	 * route id. Environment: `OTEL_SVELTEKIT_IGNORE`.
	 * @default []
	 */
	ignore?: (string | RegExp)[];
	/**
	 * Hosts to which an outgoing `fetch` sends `traceparent` and `baggage`: names, globs (`*.example.com`) or
	 * regular expressions, matched against the host with and without its port. Environment:
	 * `OTEL_SVELTEKIT_PROPAGATE_TO`.
	 * @default every host
	 */
	propagateTo?: (string | RegExp)[];
	/**
	 * Query parameters whose values are kept in `url.query` and `url.full`, or `true` for all of them. The values
	 * of all others are replaced by `REDACTED`. Environment: `OTEL_SVELTEKIT_QUERY_PARAMETERS`.
	 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server-span
	 * @default []
	 */
	queryParameters?: string[] | true;
	/**
	 * Whether pages send their trace context to the browser, as `Server-Timing: traceparent;desc="00-…"`.
	 * Environment: `OTEL_SVELTEKIT_SERVER_TIMING`.
	 * @default false
	 */
	serverTiming?: boolean;
	/**
	 * Whether the whole trace of a failed request is exported even if the sampler has not sampled it. Failed
	 * means: status 5xx, an unexpected exception, or a span that the app has set to ERROR. Environment:
	 * `OTEL_SVELTEKIT_KEEP_ERRORS`.
	 * @default false
	 */
	keepErrors?: boolean;
	/**
	 * The whole trace of a request that takes longer than this is exported even if the sampler has not sampled it.
	 * In milliseconds, until the end of the response; for an event stream, until its headers. Environment:
	 * `OTEL_SVELTEKIT_KEEP_SLOWER_THAN`.
	 * @default no request is kept for its duration
	 */
	keepSlowerThanMs?: number;
	/**
	 * Sampling ratios, from 0 to 1, by path, glob, route id or `/regular expression/`, in the syntax of
	 * `OTEL_SVELTEKIT_IGNORE`. The first match in the order of the object is used; for all other requests
	 * `OTEL_TRACES_SAMPLER` decides. Environment: `OTEL_SVELTEKIT_SAMPLE`.
	 * @default {}
	 */
	sample?: Record<string, number>;
	/**
	 * Whether files that adapter-node serves (client assets, static files, prerendered pages) are in
	 * `http.server.request.duration`, without a route. They never have spans. Environment:
	 * `OTEL_SVELTEKIT_MEASURE_FILES`.
	 * @default false
	 */
	measureFiles?: boolean;
	/**
	 * The minimum severity of exported log records. Environment: `OTEL_SVELTEKIT_LOG_SEVERITY`.
	 * https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
	 * @default every severity
	 */
	logSeverity?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
	/**
	 * The maximum length of the body of a log record, in characters; longer bodies are truncated. Environment:
	 * `OTEL_SVELTEKIT_LOG_BODY_LIMIT`.
	 * @default 65536
	 */
	logBodyLimit?: number;
	/**
	 * How long the last export may delay the exit of the process, in milliseconds. Environment:
	 * `OTEL_SVELTEKIT_SHUTDOWN_TIMEOUT`.
	 * @default 5000
	 */
	shutdownTimeoutMs?: number;
	/**
	 * Options for OpenTelemetry instrumentations that the app has installed, by package name, or `false` to
	 * disable one. Environment: `OTEL_NODE_ENABLED_INSTRUMENTATIONS`, `OTEL_NODE_DISABLED_INSTRUMENTATIONS`.
	 * @default all installed instrumentations
	 */
	instrumentations?: Record<string, Record<string, unknown> | false>;
}
