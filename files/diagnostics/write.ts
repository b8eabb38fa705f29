/**
 * Writes to stdout or stderr. Where nobody reads any more (EPIPE), Node raises an event that ends the
 * process unless somebody listens; no message is worth the app. `console` does the same, but apps patch it.
 */
export function write(stream: NodeJS.WritableStream, text: string): void {
	try {
		stream.write(text, (error) => {
			if (error && stream.listenerCount('error') === 0) stream.once('error', () => {});
		});
	} catch {
		// a file that cannot be written to throws at once
	}
}
