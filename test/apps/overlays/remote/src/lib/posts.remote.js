import { command, form, getRequestEvent, prerender, query } from '$app/server';

function mark(place) {
	const { tracing } = getRequestEvent();
	tracing.root.setAttribute(`app.root.${place}`, true);
	tracing.current.setAttribute(`app.current.${place}`, true);
}

export const getPost = query('unchecked', async (id) => {
	mark('query');
	return { id };
});

export const getPosts = query.batch('unchecked', async (ids) => {
	mark('batch');
	return (id) => ({ id, size: ids.length });
});

export const addPost = form('unchecked', async ({ text }) => {
	mark('form');
	return { added: text };
});

export const likePost = command('unchecked', async (id) => {
	mark('command');
	return { liked: id };
});

export const failPost = command('unchecked', async () => {
	throw new Error('unexpected in a command');
});

export const getFacts = prerender(async () => ({ fact: 'prerendered' }));
