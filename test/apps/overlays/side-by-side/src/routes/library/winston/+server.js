import { Writable } from 'node:stream';
import winston from 'winston';

export async function GET() {
	const lines = [];
	const stream = new Writable({ write: (text, _, done) => (lines.push(String(text)), done()) });
	winston.createLogger({ transports: [new winston.transports.Stream({ stream })] }).info('paid');
	return new Response(lines.join(''));
}
