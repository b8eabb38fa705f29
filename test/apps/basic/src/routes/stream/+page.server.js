import { setTimeout as delay } from 'node:timers/promises';

export function load({ url }) {
	const ms = Number(url.searchParams.get('ms') ?? 100);
	return { early: 'early', late: delay(ms, 'late') };
}
