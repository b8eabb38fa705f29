import express from 'express';
import { listen, read } from '../../../lib/listen.server.js';

export async function GET() {
	const app = express();
	app.use(function first(req, res, next) {
		next();
	});
	app.get('/users/:id', (req, res) => res.send(`user ${req.params.id}`));
	return new Response(await listen(app, (url) => read(`${url}/users/7`)));
}
