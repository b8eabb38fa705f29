import { command, form, getRequestEvent, prerender, query } from '$app/server';

// The API of the first Kit with tracing: a form gets the FormData, and there is no query.batch.
function mark(place) {
	const { tracing } = getRequestEvent();
	tracing.root.setAttribute(`app.root.${place}`, true);
	tracing.current.setAttribute(`app.current.${place}`, true);
}

export const getPost = query('unchecked', async (id) => {
	mark('query');
	return { id };
});

export const addPost = form(async (data) => {
	mark('form');
	return { added: data.get('text') };
});

export const likePost = command('unchecked', async (id) => {
	mark('command');
	return { liked: id };
});

export const failPost = command('unchecked', async () => {
	throw new Error('unexpected in a command');
});

export const getFacts = prerender(async () => ({ fact: 'prerendered' }));
