import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { listen } from '../../../lib/listen.server.js';

export async function GET() {
	const http = createServer();
	const server = new Server(http);
	server.on('connection', (socket) => socket.on('ask', () => socket.emit('answer', 'seven')));
	const answer = await listen(http, (url) => {
		const client = io(url, { transports: ['websocket'] });
		return new Promise((resolve, reject) => {
			client.on('connect', () => client.emit('ask'));
			client.on('connect_error', reject);
			client.on('answer', (value) => {
				client.close();
				resolve(value);
			});
		});
	});
	await server.close();
	return new Response(answer);
}
