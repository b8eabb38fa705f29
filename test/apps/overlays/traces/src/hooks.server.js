import { error, redirect } from '@sveltejs/kit';
import { sequence } from '@sveltejs/kit/hooks';
import { trace } from '@opentelemetry/api';

/** @type {import('@sveltejs/kit').Handle} */
async function first({ event, resolve }) {
	return resolve(event);
}

/** @type {import('@sveltejs/kit').Handle} */
async function second({ event, resolve }) {
	switch (event.url.pathname) {
		case '/hook/unexpected':
			throw new Error('unexpected in a handle hook');
		case '/hook/expected':
			error(403, 'Not for you');
			break;
		case '/hook/redirect':
			redirect(303, 'https://user:secret@elsewhere.example/there?token=secret&page=2#access_token=secret', {
				external: true
			});
	}
	return resolve(event);
}

export const handle = sequence(first, second);

// called outside of the root span, for what the hooks above throw, and a part of the request all the same
/** @type {import('@sveltejs/kit').HandleServerError} */
export async function handleError({ event, error: cause }) {
	if (cause instanceof Error && cause.message.includes('handle hook')) await event.fetch('/api/post/last');
	return { message: 'Something broke', errorId: `error of ${event.route.id}` };
}

/** @type {import('@sveltejs/kit').HandleFetch} */
export function handleFetch({ event, request, fetch }) {
	if (event.route.id !== '/hanging') return fetch(request);
	return trace.getTracer('app').startActiveSpan('handleFetch', async (span) => {
		const response = await fetch(request);
		span.end();
		return response;
	});
}
