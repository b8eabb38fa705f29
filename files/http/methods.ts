/**
 * The methods that the conventions define. Any other is `_OTHER`, so that clients cannot create new span names
 * (https://opentelemetry.io/docs/specs/semconv/http/http-spans/#common-attributes).
 */
export const DEFAULT_METHODS: readonly string[] = [
	'CONNECT',
	'DELETE',
	'GET',
	'HEAD',
	'OPTIONS',
	'PATCH',
	'POST',
	'PUT',
	'QUERY',
	'TRACE'
];

let known: ReadonlySet<string> = new Set(DEFAULT_METHODS);

/**
 * Replaces the known methods of this process.
 *
 * @param methods the list of `OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS`, which is a full override
 */
export function setKnownMethods(methods: readonly string[]): void {
	known = new Set(methods);
}

/** Whether a method is known. Case-sensitive. */
export const isKnownMethod = (method: string | undefined): method is string => known.has(method as string);

/** The method as used in span names (https://opentelemetry.io/docs/specs/semconv/http/http-spans/#name). */
export const methodInName = (method: string | undefined): string => (isKnownMethod(method) ? method : 'HTTP');
