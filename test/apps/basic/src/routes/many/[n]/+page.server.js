// As many requests to an endpoint of our own, so as many times its spans.
export async function load({ fetch, params }) {
	const ids = Array.from({ length: Number(params.n) }, (_, index) => index);
	const responses = await Promise.all(ids.map((id) => fetch(`/api/post/${id}`)));
	return { posts: await Promise.all(responses.map((response) => response.json())) };
}
