import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';

export async function GET() {
	const client = new DynamoDBClient({
		endpoint: process.env.API_URL,
		region: 'eu-central-1',
		credentials: { accessKeyId: 'none', secretAccessKey: 'none' }
	});
	const { Item } = await client.send(new GetItemCommand({ TableName: 'items', Key: { id: { S: '7' } } }));
	client.destroy();
	return Response.json(Item);
}
