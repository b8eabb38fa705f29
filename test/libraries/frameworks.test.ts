import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';

import { combinations } from '../e2e/combinations.ts';
import { findNode, spansOf } from '../otlp/tree.ts';
import { type App, buildApp } from '../support/app.ts';
import { callerSpanId, newTraceId, startTraced } from '../support/traced-server.ts';
import { startUpstream } from '../support/upstream.ts';

/** A server of one's own for each framework: a middleware that fetches, a route with a parameter, then the app. */
const SERVERS = {
	express: `
		import express from 'express';
		const app = express();
		app.use(async (req, res, next) => void (await ask('/auth'), next()));
		app.get('/rest/:id', async (req, res) => void res.send(await ask('/rest')));
		app.use(handler);
		createServer(app).listen(...address);
	`,
	koa: `
		import Koa from 'koa';
		import Router from '@koa/router';
		const app = new Koa();
		const router = new Router();
		app.use(async (ctx, next) => void (await ask('/auth'), await next()));
		router.get('/rest/:id', async (ctx) => void (ctx.body = await ask('/rest')));
		app.use(router.routes());
		app.use((ctx) => {
			ctx.respond = false;
			handler(ctx.req, ctx.res);
		});
		createServer(app.callback()).listen(...address);
	`,
	fastify: `
		import fastify from 'fastify';
		const app = fastify();
		app.addHook('onRequest', () => ask('/auth'));
		app.get('/rest/:id', () => ask('/rest'));
		app.all('/*', (request, reply) => {
			reply.hijack();
			handler(request.raw, reply.raw);
		});
		await app.listen({ port: address[0], host: address[1] });
		address[2]();
	`
};

const BEFORE = `
	import { createServer } from 'node:http';
	import { handler } from './build/handler.js';
	import { shutdown } from './build/otel/register.js';
	process.once('SIGUSR2', shutdown);
	const ask = async (path) => (await fetch(process.env.UPSTREAM_URL + path)).text();
	const address = [Number(process.env.PORT), '127.0.0.1', () => console.log('Listening on http://127.0.0.1')];
`;

const DEPENDENCIES = {
	'@opentelemetry/api': '1.10.0',
	express: '5.3.0',
	'@opentelemetry/instrumentation-express': '0.72.0',
	koa: '3.3.0',
	'@koa/router': '15.7.0',
	'@opentelemetry/instrumentation-koa': '0.72.0',
	fastify: '5.12.8',
	'@opentelemetry/instrumentation-fastify': '0.57.0'
};

/** Express names the path in a middleware's span, koa its function. */
const MIDDLEWARE = {
	express: /^(middleware|router) - /,
	koa: /^middleware - |^router - /,
	fastify: /middleware - |request handler|onRequest|fastify/
};

describe.each(combinations)('%s', (combination) => {
	let app: App;

	beforeAll(async () => {
		const files = Object.entries(SERVERS).map(([name, code]) => [`${name}.mjs`, BEFORE + code]);
		app = await buildApp({
			combination,
			files: Object.fromEntries(files),
			packageJson: { dependencies: DEPENDENCIES }
		});
	});

	test.each(Object.keys(SERVERS) as (keyof typeof SERVERS)[])(
		'a request of %s is one trace, with its route and what its instrumentation records',
		async (framework) => {
			await using upstream = await startUpstream();
			await using traced = await startTraced(app.build, {
				entry: join(app.dir, `${framework}.mjs`),
				execArgv: ['--import', './build/otel/register.js'],
				env: { UPSTREAM_URL: upstream.url }
			});
			expect(traced.server.stderr()).toMatch(/instrumentations undici,[^;\n]*(express|koa|fastify)/);

			for (const [path, name, fetched] of [
				['/rest/7', 'GET /rest/:id', ['/auth', '/rest']],
				['/blog/a', 'GET /blog/[slug]', ['/auth']]
			] as const) {
				const traceId = newTraceId();
				const headers = { traceparent: `00-${traceId}-${callerSpanId}-01` };
				const response = await traced.server.fetch(path, { headers });
				expect(response.status, path).toBe(200);
				await response.text();
				// its instrumentation does not end the spans of a reply that is hijacked
				if (framework === 'fastify' && path === '/blog/a') traced.server.signal('SIGUSR2');
				const tree = await traced.receiver.waitForTrace(traceId);
				expect(tree.span, path).toMatchObject({ kind: 'SERVER', name, parentSpanId: callerSpanId });
				expect(tree.span.attributes['http.route'], path).toBe(name.slice(4));
				const spans = spansOf(tree);
				expect(
					spans.filter(({ kind }) => kind === 'CLIENT').map(({ attributes }) => attributes['url.path'])
				).toEqual(fetched);
				expect(spans.filter(({ kind }) => kind === 'SERVER')).toHaveLength(1);
				expect(findNode(tree, (span) => MIDDLEWARE[framework].test(span.name))).toBeDefined();
				expect(traced.receiver.spans.filter((span) => span.traceId !== traceId)).toEqual([]);
				traced.receiver.reset();
			}
		}
	);
});
