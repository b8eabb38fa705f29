import { randomBytes } from 'node:crypto';

import { startReceiver } from '../otlp/receiver.ts';
import type { Receiver } from '../otlp/receiver.ts';
import type { TreeNode } from '../otlp/tree.ts';
import { startServer } from './server.ts';
import type { RunningServer, ServerOptions } from './server.ts';

/** The span of the caller that {@link TracedServer.trace} plays. */
export const callerSpanId = '00f067aa0ba902b7';

/** A server that exports to a receiver of its own. */
export interface TracedServer extends AsyncDisposable {
	readonly server: RunningServer;
	readonly receiver: Receiver;
	/** A request of a caller of its own, once its response is there in full, with its tree. */
	trace(path: string, init?: RequestInit): Promise<Traced>;
	/** The first trace whose SERVER span has this path: for requests without a caller. */
	traceOf(path: string): Promise<TreeNode>;
	stop(): Promise<void>;
}

/** What came of a request. */
export interface Traced {
	traceId: string;
	response: Response;
	body: string;
	tree: TreeNode;
}

/** An unused trace id. */
export const newTraceId = (): string => randomBytes(16).toString('hex');

/** Runs a build with telemetry on. */
export async function startTraced(build: string, options: ServerOptions = {}): Promise<TracedServer> {
	const receiver = await startReceiver();
	const env = {
		OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
		OTEL_BSP_SCHEDULE_DELAY: '20',
		...options.env
	};
	const server = await startServer(build, { ...options, env }).catch(async (error: unknown) => {
		await receiver.stop();
		throw error;
	});
	const stop = async (): Promise<void> => {
		await server.stop();
		await receiver.stop();
	};
	return {
		server,
		receiver,
		trace: async (path, init = {}) => {
			const traceId = newTraceId();
			const headers = new Headers(init.headers);
			headers.set('traceparent', `00-${traceId}-${callerSpanId}-01`);
			const response = await server.fetch(path, { ...init, headers });
			const body = await response.text();
			return { traceId, response, body, tree: await receiver.waitForTrace(traceId) };
		},
		traceOf: (path) =>
			receiver.waitForTrace(({ kind, attributes }) => kind === 'SERVER' && attributes['url.path'] === path),
		stop,
		[Symbol.asyncDispose]: stop
	};
}
