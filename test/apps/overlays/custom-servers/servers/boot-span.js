import * as http from 'node:http';
import * as http2 from 'node:http2';
import { trace } from '@opentelemetry/api';
import { handler } from '../build/handler.js';

// a span around the start, which is active wherever the start leads to, and that is to every request
trace.getTracer('server').startActiveSpan('boot', () => {
	const { createServer } = process.env.HTTP2 ? http2 : http;
	createServer(handler).listen(process.env.PORT, '127.0.0.1', () => {
		console.log(`Listening on http://127.0.0.1:${process.env.PORT}`);
	});
});
