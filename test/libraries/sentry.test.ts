import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createGunzip } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type App, buildApp } from '../support/app.ts';
import { withInstrumentationFile } from '../support/instrumentation-file.ts';
import { startServer } from '../support/server.ts';

/** What Sentry's own instructions for SvelteKit come to. */
const INSTRUMENTATION = `
	import * as Sentry from '@sentry/sveltekit';

	Sentry.init({ dsn: process.env.SENTRY_DSN, tracesSampleRate: 1.0 });
`;
const HOOKS = `
	import * as Sentry from '@sentry/sveltekit';

	export const handle = Sentry.sentryHandle();
	export const handleError = Sentry.handleErrorWithSentry();
`;

interface Transaction {
	type: 'transaction';
	transaction: string;
	contexts: { trace: { op: string; span_id: string; parent_span_id?: string } };
	spans: { description: string; parent_span_id: string }[];
}

const CALLER = 'b7ad6b7169203331';

describe("Sentry's SDK", () => {
	let app: App;
	let sentry: Server;
	const transactions: Transaction[] = [];

	beforeAll(async () => {
		sentry = createServer(async (req, res) => {
			const body = req.headers['content-encoding'] === 'gzip' ? req.pipe(createGunzip()) : req;
			for (const line of (await text(body)).split('\n')) {
				if (line.startsWith('{') && line.includes('"transaction"')) {
					const item = JSON.parse(line) as Transaction;
					if (item.type === 'transaction' && item.spans) transactions.push(item);
				}
			}
			res.end('{}');
			sentry.emit('told');
		}).listen(0, '127.0.0.1');
		await once(sentry, 'listening');

		const options = withInstrumentationFile('kit-2', INSTRUMENTATION);
		app = await buildApp({
			...options,
			files: { ...options.files, 'src/hooks.server.js': HOOKS },
			packageJson: { dependencies: { '@sentry/sveltekit': '10.75.2' } }
		});
	});
	afterAll(() => {
		sentry?.closeAllConnections();
		sentry?.close();
	});

	test('keeps the tracing, with the tree of SvelteKit in it, and one line says so', async () => {
		await using server = await startServer(app.build, {
			env: {
				SENTRY_DSN: `http://key@127.0.0.1:${(sentry.address() as AddressInfo).port}/1`,
				OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9'
			}
		});
		expect(server.stderr()).toMatch(
			/^adapter-node-otel: src\/instrumentation\.server has registered an OpenTelemetry SDK.*\n$/
		);
		const headers = { 'sentry-trace': `0af7651916cd43dd8448eb211c80319c-${CALLER}-1` };
		expect((await server.fetch('/etag', { headers })).status).toBe(200);
		while (transactions.length === 0) await once(sentry, 'told');

		expect(transactions).toHaveLength(1);
		const [{ transaction, contexts, spans }] = transactions as [Transaction];
		expect(transaction).toBe('GET /etag');
		expect(contexts.trace).toMatchObject({ op: 'http.server', parent_span_id: CALLER });
		expect(spans.find(({ description }) => description === 'sveltekit.resolve')).toMatchObject({
			parent_span_id: contexts.trace.span_id
		});
	});
});
