import { setTimeout as delay } from 'node:timers/promises';

export function GET({ url }) {
	const count = Number(url.searchParams.get('events') ?? 3);
	const ms = Number(url.searchParams.get('ms') ?? 10);
	let sent = 0;
	const stream = new ReadableStream({
		async pull(controller) {
			if (sent === count) return controller.close();
			if (sent > 0) await delay(ms);
			controller.enqueue(new TextEncoder().encode(`data: ${sent++}\n\n`));
		}
	});
	return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
}
