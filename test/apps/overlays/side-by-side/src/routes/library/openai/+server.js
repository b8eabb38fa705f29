import OpenAI from 'openai';

const messages = [{ role: 'user', content: 'a' }];

/** Reads a stream to its end, where its span ends. */
async function count(stream) {
	let chunks = 0;
	for await (const _ of stream) chunks++;
	return `${chunks} chunks`;
}

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
			async (answer) => answers.push(stream ? await count(answer) : answer.choices[0].message.content),
			(error) => answers.push(error.status ?? error.constructor.name)
		);
	}
	return Response.json(answers);
}
