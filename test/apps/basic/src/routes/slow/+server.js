import { setTimeout as delay } from 'node:timers/promises';

export async function GET({ url }) {
	await delay(Number(url.searchParams.get('ms') ?? 100));
	return new Response('slow');
}
