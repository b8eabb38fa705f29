import { error } from '@sveltejs/kit';

export function load({ url }) {
	error(Number(url.searchParams.get('status') ?? 404), 'Not here');
}
