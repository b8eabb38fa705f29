export function load({ data }) {
	return { title: `Post ${data.post.id}` };
}
