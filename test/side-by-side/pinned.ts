/** A library that is compared, with what instruments it. */
export interface Pinned {
	/** The packages of the library, with their versions. The first one is what the manual names. */
	packages: Record<string, string>;
	/** The instrumentation, with its version. */
	instrumentation: [name: string, version: string];
	/** The service that its route of the app `side-by-side` connects to. */
	needs?: 'postgres' | 'redis';
	/** What the manual says of a library without spans. */
	note?: string;
	/** Whether the instrumentation cannot patch this version of the library, which then stays as it is. */
	isBroken?: true;
	/**
	 * Whether upstream traces less of it, or breaks it. Upstream patches what `require` returns, and with its loader
	 * the namespace of an import, which is not what the default import of a CommonJS package is.
	 */
	isBetter?: true;
}

const upstream = (name: string, version: string): Pinned['instrumentation'] => [
	`@opentelemetry/instrumentation-${name}`,
	version
];

const IN_LINES = 'none: it adds `trace_id`, `span_id` and `trace_flags` to each line';

/** All that is compared, by the route below `/library` that uses it. */
export const PINNED: Record<string, Pinned> = {
	anthropic: {
		packages: { '@anthropic-ai/sdk': '1.14.0' },
		instrumentation: ['@traceloop/instrumentation-anthropic', '0.27.0'],
		isBroken: true,
		note: 'none: it cannot patch this version, which stays as it is'
	},
	'aws-sdk': {
		packages: { '@aws-sdk/client-dynamodb': '3.1169.0' },
		instrumentation: upstream('aws-sdk', '0.79.0')
	},
	bunyan: {
		packages: { bunyan: '1.8.15' },
		instrumentation: upstream('bunyan', '0.69.0'),
		note: IN_LINES,
		isBetter: true
	},
	'cassandra-driver': {
		packages: { 'cassandra-driver': '4.10.0' },
		instrumentation: upstream('cassandra-driver', '0.69.0')
	},
	connect: { packages: { connect: '3.7.0' }, instrumentation: upstream('connect', '0.67.0'), isBetter: true },
	dataloader: { packages: { dataloader: '2.2.3' }, instrumentation: upstream('dataloader', '0.41.0') },
	dns: { packages: {}, instrumentation: upstream('dns', '0.67.0') },
	express: { packages: { express: '5.1.0' }, instrumentation: upstream('express', '0.72.0') },
	fastify: { packages: { fastify: '5.6.1' }, instrumentation: upstream('fastify', '0.57.0') },
	'generic-pool': {
		packages: { 'generic-pool': '3.9.0' },
		instrumentation: upstream('generic-pool', '0.67.0')
	},
	graphql: { packages: { graphql: '16.11.0' }, instrumentation: upstream('graphql', '0.72.0') },
	grpc: {
		packages: { '@grpc/grpc-js': '1.14.7' },
		instrumentation: upstream('grpc', '0.300.0'),
		isBetter: true
	},
	hapi: { packages: { '@hapi/hapi': '21.4.10' }, instrumentation: upstream('hapi', '0.70.0') },
	http: { packages: {}, instrumentation: upstream('http', '0.301.0') },
	ioredis: {
		packages: { ioredis: '6.0.0' },
		instrumentation: upstream('ioredis', '0.72.0'),
		needs: 'redis'
	},
	kafkajs: { packages: { kafkajs: '2.2.4' }, instrumentation: upstream('kafkajs', '0.33.0') },
	knex: {
		packages: { knex: '3.3.0', pg: '8.23.1' },
		instrumentation: upstream('knex', '0.68.0'),
		needs: 'postgres'
	},
	koa: {
		packages: { koa: '3.3.0', '@koa/router': '15.7.0' },
		instrumentation: upstream('koa', '0.72.0')
	},
	'lru-memoizer': {
		packages: { 'lru-memoizer': '3.0.0' },
		instrumentation: upstream('lru-memoizer', '0.68.0'),
		note: 'none: it keeps the active span in callbacks'
	},
	memcached: {
		packages: { memcached: '2.2.2' },
		instrumentation: upstream('memcached', '0.67.0'),
		isBetter: true
	},
	mongoose: { packages: { mongoose: '9.12.1' }, instrumentation: upstream('mongoose', '0.70.0') },
	mysql: { packages: { mysql: '2.18.1' }, instrumentation: upstream('mysql', '0.70.0'), isBetter: true },
	mysql2: { packages: { mysql2: '3.24.6' }, instrumentation: upstream('mysql2', '0.70.0') },
	nestjs: {
		packages: {
			'@nestjs/core': '11.1.6',
			'@nestjs/common': '11.1.6',
			'@nestjs/platform-express': '11.1.6',
			'reflect-metadata': '0.2.2',
			rxjs: '7.8.2'
		},
		instrumentation: upstream('nestjs-core', '0.71.0')
	},
	openai: { packages: { openai: '6.0.0' }, instrumentation: upstream('openai', '0.22.0') },
	pg: {
		packages: { pg: '8.23.1', 'pg-types': '2.2.0' },
		instrumentation: upstream('pg', '0.77.0'),
		needs: 'postgres'
	},
	pino: {
		packages: { pino: '10.4.0' },
		instrumentation: upstream('pino', '0.70.0'),
		note: IN_LINES,
		isBetter: true
	},
	redis: {
		packages: { redis: '6.3.1' },
		instrumentation: upstream('redis', '0.72.0'),
		needs: 'redis'
	},
	restify: {
		packages: { restify: '12.0.0' },
		instrumentation: upstream('restify', '0.69.0'),
		isBetter: true
	},
	router: { packages: { router: '2.2.0' }, instrumentation: upstream('router', '0.68.0') },
	'socket.io': {
		packages: { 'socket.io': '4.8.4', 'socket.io-client': '4.8.4' },
		instrumentation: upstream('socket.io', '0.71.0')
	},
	'together-ai': {
		packages: { 'together-ai': '0.52.0' },
		instrumentation: ['@traceloop/instrumentation-together', '0.27.0'],
		isBetter: true
	},
	undici: { packages: { undici: '8.13.1' }, instrumentation: upstream('undici', '0.34.0') },
	winston: { packages: { winston: '3.19.0' }, instrumentation: upstream('winston', '0.69.0'), note: IN_LINES }
};

/** Upstream's SDK, which the instrumentations are compared under. */
export const SDK: Record<string, string> = {
	'@opentelemetry/api': '1.10.0',
	'@opentelemetry/instrumentation': '0.301.1',
	'@opentelemetry/sdk-node': '0.301.0',
	'import-in-the-middle': '3.6.0'
};

/** All packages with their versions, or with the newest ones. */
export function versionsOf(isNewest: boolean): Record<string, string> {
	const all = Object.values(PINNED).flatMap(({ packages, instrumentation: [name, version] }) => [
		...Object.entries(packages),
		[name, version] as const
	]);
	return Object.fromEntries(
		[...Object.entries(SDK), ...all].map(([name, version]) => [name, isNewest ? 'latest' : version])
	);
}
