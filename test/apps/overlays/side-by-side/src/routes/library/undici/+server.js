import { request } from 'undici';

export async function GET() {
	const { body, statusCode } = await request(`${process.env.API_URL}/answer?a=1`);
	const answer = await fetch(`${process.env.API_URL}/answer`);
	return Response.json([statusCode, await body.json(), await answer.json()]);
}
