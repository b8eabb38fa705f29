import { setTimeout as delay } from 'node:timers/promises';

// goes on when the client has left
export async function load({ fetch, url }) {
	await fetch('/api/post/before');
	await delay(Number(url.searchParams.get('ms') ?? 0));
	await fetch('/api/post/after');
}
