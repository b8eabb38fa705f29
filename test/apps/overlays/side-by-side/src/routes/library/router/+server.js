import Router from 'router';
import { listen, read } from '../../../lib/listen.server.js';

export async function GET() {
	const router = new Router();
	router.use(function first(req, res, next) {
		next();
	});
	router.get('/users/:id', (req, res) => res.end(`user ${req.params.id}`));
	const text = await listen(
		(req, res) => router(req, res, () => res.end('nobody')),
		(url) => read(`${url}/users/7`)
	);
	return new Response(text);
}
