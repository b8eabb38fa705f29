import Router from '@koa/router';
import Koa from 'koa';
import { listen, read } from '../../../lib/listen.server.js';

export async function GET() {
	const app = new Koa();
	const router = new Router();
	router.get('/users/:id', (context) => {
		context.body = `user ${context.params.id}`;
	});
	app.use(async function first(context, next) {
		await next();
	});
	app.use(router.routes());
	return new Response(await listen(app.callback(), (url) => read(`${url}/users/7`)));
}
