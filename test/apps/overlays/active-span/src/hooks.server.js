import { sequence } from '@sveltejs/kit/hooks';
import { mark } from './lib/mark.js';

/** @type {import('@sveltejs/kit').Handle} */
async function first({ event, resolve }) {
	mark('hook');
	return resolve(event);
}

export const handle = sequence(first);
