import Anthropic from '@anthropic-ai/sdk';

export async function GET() {
	const client = new Anthropic({ apiKey: 'none', baseURL: `${process.env.API_URL}/answer`, maxRetries: 0 });
	const { model } = await client.messages.create({
		model: 'm',
		max_tokens: 10,
		messages: [{ role: 'user', content: 'a' }]
	});
	return new Response(model);
}
