import fastify from 'fastify';
import { handler } from '../build/handler.js';

const app = fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', (_request, _payload, done) => done(null));
app.get('/healthz', () => 'ok');
app.all('/*', (request, reply) => {
	reply.hijack();
	handler(request.raw, reply.raw);
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
console.log(`Listening on http://127.0.0.1:${process.env.PORT}`);
