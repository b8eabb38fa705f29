import pg from 'pg';
import types from 'pg-types';

// a package that `pg` has, too: with two copies, `pg` would not know of it
types.setTypeParser(20, (value) => `mine ${value}`);

export async function GET() {
	const pool = new pg.Pool({ connectionString: process.env.POSTGRES_URL });
	const { rows } = await pool.query('SELECT 7::int8 AS seven');
	await pool.end();
	return Response.json(rows);
}
