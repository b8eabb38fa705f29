import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';

import type { Outline } from '../otlp/outline.ts';
import { Waiter } from '../otlp/waiter.ts';

/** A span as Sentry receives it. */
interface SentrySpan {
	name: string;
	id: string;
	parentId: string | undefined;
}

/** A server in place of Sentry's. */
export interface Sentry extends AsyncDisposable {
	dsn: string;
	/** The spans so far. */
	spans: readonly SentrySpan[];
	/** Resolves once an exception with this message has arrived. */
	waitForError(message: string): Promise<void>;
	/** The tree below the caller's span, once its root is there, which is sent last. Siblings are in order of their names. */
	waitForTree(callerSpanId: string): Promise<Outline>;
}

/** Takes what an SDK sends, and answers that all is well. */
export async function startSentry(): Promise<Sentry> {
	const spans: SentrySpan[] = [];
	const errors: string[] = [];
	const waiter = new Waiter();
	const server = createServer(async (req, res) => {
		const body = req.headers['content-encoding'] === 'gzip' ? req.pipe(createGunzip()) : req;
		const items = itemsOf(await text(body));
		spans.push(...items.flatMap(spansOf));
		errors.push(...items.flatMap(({ exception }) => exception?.values.map(({ value }) => value) ?? []));
		res.end('{}');
		waiter.notify();
	}).listen(0, '127.0.0.1');
	await once(server, 'listening');

	const outline = ({ id, name }: SentrySpan): Outline => {
		const children = spans.filter(({ parentId }) => parentId === id).map(outline);
		return children.length === 0 ? name : [name, children.sort((a, b) => (String(a) < String(b) ? -1 : 1))];
	};
	return {
		dsn: `http://key@127.0.0.1:${(server.address() as AddressInfo).port}/1`,
		spans,
		async waitForError(message) {
			await waiter.until(
				() => errors.find((error) => error === message),
				() => `No error ${JSON.stringify(message)} in ${JSON.stringify(errors)}`
			);
		},
		async waitForTree(callerSpanId) {
			const root = await waiter.until(
				() => spans.find(({ parentId }) => parentId === callerSpanId),
				() => `No span below ${callerSpanId} in ${JSON.stringify(spans)}`
			);
			return outline(root);
		},
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			server.close();
		}
	};
}

/** Up to version 10, a transaction with its spans in it; then a list of spans. */
interface Item {
	type?: string;
	transaction?: string;
	contexts?: { trace: { span_id: string; parent_span_id?: string } };
	spans?: { description: string; span_id: string; parent_span_id: string }[];
	items?: { name: string; span_id: string; parent_span_id?: string }[];
	exception?: { values: { value: string }[] };
}

const itemsOf = (envelope: string): Item[] =>
	envelope.split('\n').map((line) => JSON.parse(line || '{}') as Item);

function spansOf({ type, transaction, contexts, spans = [], items = [] }: Item): SentrySpan[] {
	return [
		...(type === 'transaction' && contexts ? [{ ...contexts.trace, name: transaction! }] : []),
		...spans.map((span) => ({ ...span, name: span.description })),
		...items
	].map((span) => ({ name: span.name, id: span.span_id, parentId: span.parent_span_id }));
}
