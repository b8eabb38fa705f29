export function GET() {
	return Response.json({
		SIGTERM: process.listenerCount('SIGTERM'),
		SIGINT: process.listenerCount('SIGINT')
	});
}
