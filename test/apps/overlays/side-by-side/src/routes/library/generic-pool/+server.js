import { createPool } from 'generic-pool';

export async function GET() {
	const pool = createPool({ create: async () => ({ name: 'resource' }), destroy: async () => {} });
	const { name } = await pool.acquire();
	return new Response(name);
}
