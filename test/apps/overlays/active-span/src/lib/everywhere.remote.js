import { form, query } from '$app/server';
import { mark } from './mark.js';

export const ask = query(() => {
	mark('remote');
	return 'answer';
});

export const send = form(() => {});
