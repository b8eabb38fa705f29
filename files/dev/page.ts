import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import html from './page.html';
import type { TraceStore } from './trace-store.ts';

/** The page's message about tracing; undefined if all requests are traced. */
type Notice = () => string | undefined;

/** Serves the page of traces and its requests. */
export class Page {
	readonly #store: TraceStore;
	readonly #notice: Notice;
	readonly #readers = new Set<ServerResponse>();

	constructor(store: TraceStore, notice: Notice) {
		this.#store = store;
		this.#notice = notice;
		store.onChange = (summary) => this.#send('trace', summary);
	}

	/** @param rest the path after `/__otel` */
	serve(rest: string, req: IncomingMessage, res: ServerResponse): void {
		res.setHeader('cache-control', 'no-store');
		res.setHeader('x-content-type-options', 'nosniff');
		if (rest === '' || rest === '/') return this.#page(res);
		if (rest === '/events') return this.#events(req, res);
		const trace = this.#store.read(rest.replace('/traces/', ''));
		res.statusCode = trace ? 200 : 404;
		res.setHeader('content-type', 'application/json');
		res.end(trace ?? '{"spans":[],"lines":[]}');
	}

	#page(res: ServerResponse): void {
		const nonce = randomBytes(12).toString('base64');
		res.setHeader('content-type', 'text/html; charset=utf-8');
		res.setHeader(
			'content-security-policy',
			`default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; connect-src 'self'; frame-ancestors 'self'; base-uri 'none'`
		);
		res.end(html.replaceAll('__NONCE__', nonce));
	}

	#events(req: IncomingMessage, res: ServerResponse): void {
		res.setHeader('content-type', 'text/event-stream');
		this.#readers.add(res);
		req.on('close', () => this.#readers.delete(res));
		res.write(frame('start', this.#state()));
	}

	/** Shows the notice again, after telemetry has started or stopped. */
	refresh(): void {
		this.#send('start', this.#state());
	}

	#state(): object {
		return { notice: this.#notice(), traces: this.#store.summaries() };
	}

	#send(event: string, data: unknown): void {
		for (const reader of this.#readers) {
			// a client that does not read must not fill the memory
			if (reader.writableLength > 1024 * 1024) reader.destroy();
			else reader.write(frame(event, data));
		}
	}
}

const frame = (event: string, data: unknown): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
