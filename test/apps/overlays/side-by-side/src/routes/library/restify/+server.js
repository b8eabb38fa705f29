import restify from 'restify';
import { listen, read } from '../../../lib/listen.server.js';

export async function GET() {
	const server = restify.createServer();
	server.use(function first(req, res, next) {
		return next();
	});
	server.get('/users/:id', (req, res, next) => {
		res.send(`user ${req.params.id}`);
		return next();
	});
	return new Response(await listen(server.server, (url) => read(`${url}/users/7`)));
}
