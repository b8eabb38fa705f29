export async function load({ fetch, params }) {
	const response = await fetch(`/api/post/${params.slug}`);
	return { post: await response.json() };
}
