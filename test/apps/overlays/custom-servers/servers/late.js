import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { handler } from '../build/handler.js';

// asks somebody before it calls the app: the visitor may have left by then, or have got an answer
const server = createServer(async (req, res) => {
	if (req.headers['x-answered']) res.end('by the server');
	await delay(100);
	handler(req, res);
});
server.listen(process.env.PORT, '127.0.0.1', () => {
	console.log(`Listening on http://127.0.0.1:${process.env.PORT}`);
});

// that nobody can be answered any more is no news here
process.on('unhandledRejection', () => {});
process.on('SIGUSR2', () => server.close());
