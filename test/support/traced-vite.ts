import { type Receiver, startReceiver } from '../otlp/receiver.ts';
import type { TreeNode } from '../otlp/tree.ts';
import type { App } from './app.ts';
import { type AppCopy, copyApp } from './app-copy.ts';
import { callerSpanId, newTraceId } from './traced-server.ts';
import { type ViteOptions, type ViteServer, startVite } from './vite-server.ts';

/** The answer to a request, and its trace. */
export interface Answer {
	status: number;
	body: string;
	tree: TreeNode;
}

/** Vite's dev or preview server for a copy of an app whose `.env` file names a receiver. */
export interface TracedVite extends AsyncDisposable {
	readonly server: ViteServer;
	readonly receiver: Receiver;
	readonly copy: AppCopy;
	/** Sends a request as part of a trace of its caller, and waits for that trace. */
	ask(path: string, init?: RequestInit): Promise<Answer>;
	stop(): Promise<void>;
}

/** How {@link startTracedVite} runs it. */
export interface TracedViteOptions extends ViteOptions {
	/** Files of the app to add or replace, by their path. */
	files?: Record<string, string>;
}

/** The variables that send every span to a receiver at once, as lines of an `.env` file. */
export const envFile = (receiver: Receiver, ...more: readonly string[]): string =>
	[`OTEL_EXPORTER_OTLP_ENDPOINT=${receiver.url}`, 'OTEL_BSP_SCHEDULE_DELAY=20', ...more, ''].join('\n');

/** Starts it; its app may be changed while it runs. */
export async function startTracedVite(
	app: App,
	command: 'dev' | 'preview',
	{ files = {}, ...options }: TracedViteOptions = {}
): Promise<TracedVite> {
	await using started = new AsyncDisposableStack();
	const receiver = started.use(await startReceiver());
	const copy = started.use(await copyApp(app));
	for (const [path, text] of Object.entries({ '.env': envFile(receiver), ...files })) {
		await copy.write(path, text);
	}
	const server = started.use(await startVite(copy.dir, command, options));
	const all = started.move();
	const stop = (): Promise<void> => all.disposeAsync();
	return {
		server,
		receiver,
		copy,
		async ask(path, init = {}) {
			const traceId = newTraceId();
			const headers = new Headers(init.headers);
			headers.set('traceparent', `00-${traceId}-${callerSpanId}-01`);
			const response = await server.fetch(path, { ...init, headers });
			const body = await response.text();
			return { status: response.status, body, tree: await receiver.waitForTrace(traceId) };
		},
		stop,
		[Symbol.asyncDispose]: stop
	};
}
