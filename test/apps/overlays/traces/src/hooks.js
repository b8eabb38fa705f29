/** @type {import('@sveltejs/kit').Reroute} */
export async function reroute({ url, fetch }) {
	if (url.pathname !== '/rerouted') return;
	const response = await fetch('/api/post/first');
	const { id } = await response.json();
	return `/blog/${id}`;
}
