import OpenAI from 'openai';

const messages = [{ role: 'user', content: 'a' }];

export async function GET() {
	const answers = [];
	for (const [path, stream] of [
		['/answer', false],
		['/answer', true],
		['/refuse', false],
		['/refuse', true],
		// nobody listens there
		['http://127.0.0.1:1', false],
		['http://127.0.0.1:1', true]
	]) {
		const baseURL = new URL(path, process.env.API_URL).href;
		const client = new OpenAI({ apiKey: 'none', baseURL, maxRetries: 0 });
		await client.chat.completions.create({ model: 'm', stream, messages }).then(
			({ choices }) => answers.push(choices?.[0].message.content ?? 'a stream'),
			(error) => answers.push(error.status ?? error.constructor.name)
		);
	}
	return Response.json(answers);
}
