import fastify from 'fastify';
import { read } from '../../../lib/listen.server.js';

export async function GET() {
	const app = fastify();
	app.addHook('onRequest', async () => {});
	app.get('/users/:id', async (request) => `user ${request.params.id}`);
	const text = await read(`${await app.listen({ port: 0, host: '127.0.0.1' })}/users/7`);
	await app.close();
	return new Response(text);
}
