import { once } from 'node:events';
import http from 'node:http';

export async function GET() {
	const request = http.get(`${process.env.API_URL}/answer`);
	const [response] = await once(request, 'response');
	return new Response(`${response.statusCode} ${await new Response(response).text()}`);
}
