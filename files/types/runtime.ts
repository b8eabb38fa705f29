import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Attributes, Span } from '@opentelemetry/api';

/** A request handler as `build/handler.js` exports it: any server can call it. */
export type Handler = (req: IncomingMessage, res: ServerResponse, next?: unknown) => unknown;

/** SvelteKit's `record_span`, which all its spans go through: calls a function with a span around it. */
export type RecordSpan = <T>(options: {
	name: string;
	attributes: Attributes;
	fn: (span: Span) => Promise<T>;
}) => Promise<T>;

/** What `error()` and `redirect()` of SvelteKit throw. */
export interface KitErrors {
	isHttpError(error: unknown): error is { status: number; body: { message: string } };
	isRedirect(error: unknown): error is { status: number; location: string };
}

/**
 * The entry of the server that starts telemetry. It says so under `Symbol.for('adapter-node-otel: entry')`
 * before it imports `register.js`; where none has, that one was preloaded.
 */
export type Entry = 'index.js' | 'handler.js';

/** What telemetry does for the server entries; inert while it is off. */
export interface Runtime {
	/**
	 * Whether this process is traced. SvelteKit's own switch reads it (see `src/kit/kit-2.ts` and `src/kit/kit-3.ts`);
	 * `undefined` leaves it as it was built, for an SDK that is not ours.
	 */
	enabled: boolean | undefined;
	/**
	 * Makes SvelteKit's `record_span` (see `files/front`, and `src/kit/lean-spans.ts` for SvelteKit 2). Not there unless telemetry is ours.
	 *
	 * @param errors tells SvelteKit's errors from others
	 */
	recordSpans?(errors: KitErrors): RecordSpan;
	/**
	 * SvelteKit is asked for a request, an incoming one or one that the app makes to itself (see
	 * `files/front`). Not there unless telemetry is ours.
	 *
	 * @param respond SvelteKit's function
	 * @param args for it
	 */
	reach?<Args extends unknown[], Result>(respond: (...args: Args) => Result, ...args: Args): Result;
	/**
	 * A page is rendered (see `files/front` and `src/kit/story.ts`). Not there unless telemetry is ours.
	 *
	 * @param render SvelteKit's function
	 * @param options for it
	 */
	render?<Options extends { page_config?: { ssr?: boolean } }>(
		render: (options: Options) => Promise<Response>,
		options: Options
	): Promise<Response>;
	/**
	 * The app is told of an error, which is the last argument (see `files/front` and `src/kit/story.ts`). Not there
	 * unless telemetry is ours.
	 *
	 * @param handle SvelteKit's function
	 * @param args for it
	 */
	handleError?<Args extends unknown[], Result>(handle: (...args: Args) => Result, ...args: Args): Result;
	/**
	 * SvelteKit tells of a remote function when its module is loaded (see `src/kit/remote-functions.ts`). Not there
	 * unless telemetry is ours.
	 */
	noteRemote?(remote: { id: string; name: string }): void;
	/** Exports what is left and stops telemetry, within the limit; resolves in any case, once. */
	shutdown(): Promise<void>;
	/** Resolves when telemetry has started, or shall not. */
	ready: Promise<unknown>;
	/** Lets the spans of a handler's requests know their request. */
	traceHandler(handler: Handler): Handler;
	/** The same for a server that is listening already; undefined where a bundler has lost it. */
	traceServer(server: Server | { server: Server } | undefined): void;
}
