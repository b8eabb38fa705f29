export function GET() {
	return new Response('tagged', { headers: { etag: '"tag"' } });
}
