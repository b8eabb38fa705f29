import knex from 'knex';

export async function GET() {
	const db = knex({ client: 'pg', connection: process.env.POSTGRES_URL, pool: { min: 1, max: 1 } });
	const rows = await db.select(db.raw('7 AS seven'));
	await db.destroy();
	return Response.json(rows);
}
