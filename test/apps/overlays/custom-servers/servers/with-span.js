import { createServer } from 'node:http';
import { trace } from '@opentelemetry/api';
import { handler } from '../build/handler.js';

// a span of the server's own around the app
const server = createServer((req, res) => {
	trace.getTracer('server').startActiveSpan('around', (span) => {
		res.once('finish', () => span.end());
		handler(req, res);
	});
});
server.listen(process.env.PORT, '127.0.0.1', () => {
	console.log(`Listening on http://127.0.0.1:${process.env.PORT}`);
});
