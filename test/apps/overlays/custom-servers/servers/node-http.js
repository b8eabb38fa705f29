import { createServer } from 'node:http';
import { handler } from '../build/handler.js';

const server = createServer(handler);
server.listen(process.env.PORT, '127.0.0.1', () => {
	console.log(`Listening on http://127.0.0.1:${process.env.PORT}`);
});

// closed by a message of the app's own, after which nothing holds the process
process.on('SIGUSR2', () => server.close());
