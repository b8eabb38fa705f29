import { buildSchema, graphql } from 'graphql';

const schema = buildSchema('type Item { name: String } type Query { items: [Item] }');

export async function GET() {
	const { data } = await graphql({
		schema,
		source: 'query Items { items { name } }',
		rootValue: { items: async () => [{ name: () => 'one' }, { name: 'two' }] }
	});
	return Response.json(data);
}
