import cassandra from 'cassandra-driver';

export async function GET() {
	const client = new cassandra.Client({
		contactPoints: ['127.0.0.1:1'],
		localDataCenter: 'one',
		queryOptions: { prepare: true }
	});
	const result = await client.execute('SELECT 1').catch(({ name }) => name);
	await client.shutdown();
	return new Response(result);
}
