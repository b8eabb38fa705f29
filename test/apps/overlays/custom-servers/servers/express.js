import express from 'express';
import { handler } from '../build/handler.js';

const app = express();
app.get('/healthz', (_, res) => res.end('ok'));
app.use(handler);
app.listen(Number(process.env.PORT), '127.0.0.1', () => {
	console.log(`Listening on http://127.0.0.1:${process.env.PORT}`);
});
