import memoizer from 'lru-memoizer';

export async function GET() {
	const load = memoizer({
		load: (id, callback) => setTimeout(callback, 1, null, `item ${id}`),
		hash: (id) => id,
		max: 10
	});
	const result = await new Promise((resolve, reject) =>
		load('7', (error, value) => (error ? reject(error) : resolve(value)))
	);
	return new Response(result);
}
