import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends bytes as they are, for what `fetch` would not send; resolves with all that comes back. */
export async function rawRequest(port: number, text: string): Promise<string> {
	const socket = connect(port, '127.0.0.1');
	let answer = '';
	socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
	await once(socket, 'connect');
	socket.write(text);
	await once(socket, 'close');
	return answer;
}
