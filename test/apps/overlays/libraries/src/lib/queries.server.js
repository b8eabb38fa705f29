import { createRequire } from 'node:module';
import { drizzle } from 'drizzle-orm/node-postgres';
import { sql } from 'drizzle-orm';
import Redis from 'ioredis';
import pg from 'pg';
import { Client } from 'pg';
import { createClient } from 'redis';

const { POSTGRES_URL, REDIS_URL } = process.env;

/** Made when they are used: the build imports this, too. */
const pool = once(() => new pg.Pool({ connectionString: POSTGRES_URL }));
const orm = once(() => drizzle(POSTGRES_URL));
const ioredis = once(() => new Redis(REDIS_URL));
const redis = once(() => createClient({ url: REDIS_URL }).connect());

export const queries = {
	pg: async () => (await pool().query('SELECT 1 AS one')).rows[0].one,
	async named() {
		const client = new Client(POSTGRES_URL);
		await client.connect();
		const { rows } = await client.query('SELECT 2 AS two');
		await client.end();
		return rows[0].two;
	},
	async dynamic() {
		const { default: imported } = await import('pg');
		const client = new imported.Client(POSTGRES_URL);
		await client.connect();
		const { rows } = await client.query('SELECT 3 AS three');
		await client.end();
		return rows[0].three;
	},
	async required() {
		const required = createRequire(import.meta.url)('pg');
		const client = new required.Client(POSTGRES_URL);
		await client.connect();
		const { rows } = await client.query('SELECT 4 AS four');
		await client.end();
		return rows[0].four;
	},
	drizzle: async () => (await orm().execute(sql`SELECT 5 AS five`)).rows[0].five,
	async ioredis() {
		await ioredis().set('key', 'six');
		return ioredis().get('key');
	},
	async redis() {
		const client = await redis();
		await client.set('key', 'seven');
		return client.get('key');
	}
};

function once(make) {
	let made;
	return () => (made ??= make());
}
