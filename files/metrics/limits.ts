/** The SDK's default for the maximum number of time series of one instrument. */
export const SERIES_LIMIT = 2000;

/**
 * The attribute of the time series that counts what is above the limit.
 * https://opentelemetry.io/docs/specs/otel/metrics/sdk/#overflow-attribute
 */
export const OVERFLOW = 'otel.metric.overflow';
