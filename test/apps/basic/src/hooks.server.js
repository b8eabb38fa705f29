import { sequence } from '@sveltejs/kit/hooks';

/** @type {import('@sveltejs/kit').Handle} */
async function first({ event, resolve }) {
	if (event.url.pathname.startsWith('/root')) {
		event.tracing.root.setAttribute('app.root.handle', 'first');
		event.tracing.current.setAttribute('app.current.handle', 'first');
	}
	const response = await resolve(event);
	response.headers.set('x-first', 'yes');
	return response;
}

/** @type {import('@sveltejs/kit').Handle} */
async function second({ event, resolve }) {
	return resolve(event);
}

export const handle = sequence(first, second);

/** @type {import('@sveltejs/kit').HandleServerError} */
export function handleError({ status }) {
	return { message: status === 404 ? 'Not found' : 'Something broke' };
}
