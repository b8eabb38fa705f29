import connect from 'connect';
import { listen, read } from '../../../lib/listen.server.js';

export async function GET() {
	const app = connect();
	app.use(function first(req, res, next) {
		next();
	});
	app.use('/users', (req, res) => res.end(`user ${req.url.slice(1)}`));
	return new Response(await listen(app, (url) => read(`${url}/users/7`)));
}
