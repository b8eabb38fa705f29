import { lookup } from 'node:dns/promises';

export async function GET() {
	return Response.json(await lookup('localhost', { family: 4 }));
}
