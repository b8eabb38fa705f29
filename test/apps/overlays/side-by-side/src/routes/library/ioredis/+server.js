import Redis from 'ioredis';

export async function GET() {
	const client = new Redis(process.env.REDIS_URL);
	await client.set('one', 'six');
	const value = await client.get('one');
	await client.quit();
	return new Response(value);
}
