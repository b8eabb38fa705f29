import { mark } from '../../lib/mark.js';

export function load() {
	mark('universal load');
}
