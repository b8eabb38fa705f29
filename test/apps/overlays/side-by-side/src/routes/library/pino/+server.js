import pino from 'pino';

export async function GET() {
	let line;
	pino({ base: undefined, timestamp: false }, { write: (text) => void (line = text) }).info('paid');
	return new Response(line);
}
