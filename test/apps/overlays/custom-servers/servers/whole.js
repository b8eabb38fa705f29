/* Servers that do something before and beside the app, one for each FRAMEWORK. */
import * as http from 'node:http';
import * as http2 from 'node:http2';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import { WebSocketServer } from 'ws';
import { trace } from '@opentelemetry/api';
import { handler } from '../build/handler.js';

const ask = async (path) => (await fetch(process.env.UPSTREAM_URL + path)).text();

/** What every request goes through first, with a body parser's habit of waiting for events. */
async function authenticate(req) {
	await ask('/auth');
	if (req.method !== 'POST' || !req.url.startsWith('/rest')) return;
	await new Promise((resolve) => req.on('data', () => {}).on('end', () => void ask('/body').then(resolve)));
}

const routes = {
	'/rest': async () => `rest ${await ask('/rest')}`,
	'/quiet': async () => 'quiet',
	'/broken': async () => Promise.reject(new Error('broken'))
};

const frameworks = {
	async 'node-http'() {
		return http.createServer(async (req, res) => {
			await authenticate(req);
			const route = routes[req.url.split('?')[0]];
			if (!route) return handler(req, res);
			const answer = await route().catch((error) => void (res.statusCode = 500) || String(error));
			res.end(answer);
		});
	},
	async express() {
		const app = express();
		app.use(async (req, _, next) => void (await authenticate(req), next()));
		for (const path in routes) app.all(path, async (_, res) => void res.send(await routes[path]()));
		app.use(handler);
		return http.createServer(app);
	},
	async fastify() {
		const app = fastify();
		app.removeAllContentTypeParsers();
		app.addContentTypeParser('*', (_request, _payload, done) => done(null));
		app.addHook('onRequest', (request) => authenticate(request.raw));
		for (const path in routes) app.all(path, () => routes[path]());
		app.all('/*', (request, reply) => {
			reply.hijack();
			handler(request.raw, reply.raw);
		});
		await app.ready();
		return http.createServer((req, res) => app.routing(req, res));
	},
	async koa() {
		const app = new Koa({ silent: true });
		app.use(async (ctx, next) => void (await authenticate(ctx.req), await next()));
		app.use(async (ctx, next) => {
			const route = routes[ctx.path];
			if (route) ctx.body = await route();
			else await next();
		});
		app.use((ctx) => {
			ctx.respond = false;
			handler(ctx.req, ctx.res);
		});
		return http.createServer(app.callback());
	},
	async 'node-http2'() {
		return http2.createServer(async (req, res) => {
			await authenticate(req);
			const route = routes[req.url.split('?')[0]];
			if (route) res.end(await route());
			else handler(req, res);
		});
	},
	async streams() {
		return http2.createServer().on('stream', async (stream, headers) => {
			stream.respond({ ':status': headers[':path'] === '/rest' ? 200 : 404 });
			stream.end(await ask('/rest'));
		});
	}
};

const server = await frameworks[process.env.FRAMEWORK]();
if (!process.env.FRAMEWORK.includes('2')) {
	new WebSocketServer({ server, path: '/socket' }).on('connection', async (socket) => {
		const span = trace.getTracer('server').startSpan('greet');
		span.end();
		socket.send(await ask('/greeting'));
		socket.on('message', async (text) => socket.send(`${text} ${await ask('/message')}`));
	});
}
server.listen(process.env.PORT, '127.0.0.1', () => {
	console.log(`Listening on http://127.0.0.1:${process.env.PORT}`);
});
