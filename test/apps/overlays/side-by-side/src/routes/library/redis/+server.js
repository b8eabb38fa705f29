import { createClient } from 'redis';

export async function GET() {
	const client = await createClient({ url: process.env.REDIS_URL }).connect();
	await client.set('two', 'seven');
	const value = await client.get('two');
	await client.close();
	return new Response(value);
}
