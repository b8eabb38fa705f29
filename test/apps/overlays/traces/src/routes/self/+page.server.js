// a request of the app to itself, with all the headers of the incoming one
export async function load({ fetch, request }) {
	const response = await fetch('/api/post/self?token=secret', { headers: request.headers });
	return { post: await response.json() };
}
