import OpenAI from 'openai';

const messages = [{ role: 'user', content: 'a' }];

export async function GET() {
	const answers = [];
	for (const [path, stream] of [
		['answer', false],
		['answer', true],
		['refuse', false],
		['refuse', true]
	]) {
		const client = new OpenAI({ apiKey: 'none', baseURL: `${process.env.API_URL}/${path}`, maxRetries: 0 });
		await client.chat.completions.create({ model: 'm', stream, messages }).then(
			({ choices }) => answers.push(choices?.[0].message.content ?? 'a stream'),
			({ status }) => answers.push(status)
		);
	}
	return Response.json(answers);
}
