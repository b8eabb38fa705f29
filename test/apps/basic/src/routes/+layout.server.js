export function load() {
	return { site: 'basic' };
}
