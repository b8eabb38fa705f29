/**
 * Writes to stdout or stderr. If the reader is gone (EPIPE), Node emits an error event, which ends the process
 * unless there is a listener; a log message must not stop the app. `console` handles this too, but apps patch it.
 */
export function write(stream: NodeJS.WritableStream, text: string): void {
	try {
		stream.write(text, (error) => {
			if (error && stream.listenerCount('error') === 0) stream.once('error', () => {});
		});
	} catch {
		// a file that cannot be written to throws synchronously
	}
}
