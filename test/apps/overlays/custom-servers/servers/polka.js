import polka from 'polka';
import { handler } from '../build/handler.js';

polka()
	.get('/healthz', (_, res) => res.end('ok'))
	.use(handler)
	.listen(Number(process.env.PORT), '127.0.0.1', () => {
		console.log(`Listening on http://127.0.0.1:${process.env.PORT}`);
	});
