import { queries } from '../../../lib/queries.server.js';

export async function load({ params }) {
	return { result: await queries[params.library]() };
}
