export function load() {
	throw new Error('unexpected in a load function');
}
