import { once } from 'node:events';
import { createServer } from 'node:net';
import Memcached from 'memcached';

export async function GET() {
	const server = createServer((socket) => {
		socket.on('data', () => socket.write('VALUE key 0 5\r\nseven\r\nEND\r\n'));
		socket.on('error', () => {});
	});
	await once(server.listen(0, '127.0.0.1'), 'listening');
	const client = new Memcached(`127.0.0.1:${server.address().port}`);
	const value = await new Promise((resolve, reject) =>
		client.get('key', (error, result) => (error ? reject(error) : resolve(result)))
	);
	client.end();
	server.close();
	return new Response(value);
}
