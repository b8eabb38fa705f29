import { mark } from '../../../lib/mark.js';

export function GET() {
	mark('endpoint');
	return new Response('marked');
}
