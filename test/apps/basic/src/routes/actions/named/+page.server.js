import { error, fail, redirect } from '@sveltejs/kit';

export const actions = {
	success: () => ({ done: true }),
	fail: () => fail(400, { wrong: 'text' }),
	redirect: () => redirect(303, '/'),
	expected: () => error(422, 'Not like this'),
	unexpected: () => {
		throw new Error('unexpected in an action');
	}
};
