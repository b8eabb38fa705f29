import { mark as markBundled } from 'bundled-package';
import { mark as markExternal } from 'external-package';
import { mark } from '../../lib/mark.js';

export async function load() {
	mark('load');
	await markBundled('bundled package');
	await markExternal('external package');
}

export const actions = { default: () => mark('action') };
