export function load() {
	return { section: 'blog' };
}
