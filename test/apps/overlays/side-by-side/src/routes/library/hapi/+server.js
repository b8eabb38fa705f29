import Hapi from '@hapi/hapi';
import { read } from '../../../lib/listen.server.js';

export async function GET() {
	const server = Hapi.server({ port: 0, host: '127.0.0.1' });
	server.ext('onPreHandler', (request, h) => h.continue);
	server.route({ method: 'GET', path: '/users/{id}', handler: ({ params }) => `user ${params.id}` });
	await server.start();
	const text = await read(`${server.info.uri}/users/7`);
	await server.stop();
	return new Response(text);
}
