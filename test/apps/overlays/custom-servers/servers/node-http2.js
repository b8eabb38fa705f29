import { createServer } from 'node:http2';
import { handler } from '../build/handler.js';

createServer(handler).listen(process.env.PORT, '127.0.0.1', () => {
	console.log(`Listening on http://127.0.0.1:${process.env.PORT}`);
});
