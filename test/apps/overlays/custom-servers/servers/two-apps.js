import { createServer } from 'node:http';

// the build twice, as if it were of two apps
const [first, second] = await Promise.all([
	import('../build/handler.js'),
	import(`${process.env.SECOND_BUILD}/handler.js`)
]);

createServer((req, res) => {
	const { handler } = req.headers['x-app'] === 'second' ? second : first;
	handler(req, res);
}).listen(process.env.PORT, '127.0.0.1', () => {
	console.log(`Listening on http://127.0.0.1:${process.env.PORT}`);
});
