import mysql from 'mysql2';

export async function GET() {
	const pool = mysql.createPool('mysql://user@127.0.0.1:1/shop');
	const code = await pool
		.promise()
		.query('SELECT 1')
		.catch((error) => error.code);
	const connection = mysql.createConnection('mysql://user@127.0.0.1:1/shop');
	connection.on('error', () => {});
	const second = await new Promise((resolve) => connection.query('SELECT 2', (error) => resolve(error.code)));
	return Response.json([code, second]);
}
