import compression from '@polka/compression';
import polka from 'polka';
import { handler } from '../build/handler.js';

polka()
	.get('/healthz', (_, res) => res.end('ok'))
	// it keeps listeners of the response for the compressed stream
	.use(compression({ threshold: 0 }), handler)
	.listen(Number(process.env.PORT), '127.0.0.1', () => {
		console.log(`Listening on http://127.0.0.1:${process.env.PORT}`);
	});
