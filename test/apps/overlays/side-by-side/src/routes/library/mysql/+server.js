import mysql from 'mysql';

export async function GET() {
	const connection = mysql.createConnection('mysql://user@127.0.0.1:1/shop');
	const code = await new Promise((resolve) => connection.query('SELECT 1', (error) => resolve(error.code)));
	return new Response(code);
}
