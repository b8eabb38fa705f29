export function GET() {
	let timer;
	const stream = new ReadableStream({
		start(controller) {
			let sent = 0;
			const send = () => controller.enqueue(new TextEncoder().encode(`data: ${sent++}\n\n`));
			send();
			timer = setInterval(send, 20);
		},
		cancel() {
			clearInterval(timer);
		}
	});
	return new Response(stream, { headers: { 'content-type': 'text/event-stream' } });
}
