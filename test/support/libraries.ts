/** What the overlay `libraries` imports. */
export const libraries = {
	'drizzle-orm': '0.45.4',
	ioredis: '6.0.0',
	pg: '8.23.1',
	redis: '6.3.1'
};

/** What they are instrumented with. */
export const instrumentations = {
	'@opentelemetry/instrumentation-ioredis': '0.72.0',
	'@opentelemetry/instrumentation-pg': '0.77.0',
	'@opentelemetry/instrumentation-redis': '0.72.0'
};
