import Together from 'together-ai';

export async function GET() {
	const client = new Together({ apiKey: 'none', baseURL: `${process.env.API_URL}/answer`, maxRetries: 0 });
	const { choices } = await client.chat.completions.create({
		model: 'm',
		messages: [{ role: 'user', content: 'a' }]
	});
	return new Response(choices[0].message.content);
}
