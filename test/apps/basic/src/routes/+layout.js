export function load({ data }) {
	return { ...data, universal: true };
}
