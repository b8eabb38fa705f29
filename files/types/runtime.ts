import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Attributes, Span } from '@opentelemetry/api';

/** A request handler as exported by `build/handler.js`; any Node server can call it. */
export type Handler = (req: IncomingMessage, res: ServerResponse, next?: unknown) => unknown;

/** SvelteKit's `record_span`, which creates all of its spans: calls a function with a span around it. */
export type RecordSpan = <T>(options: {
	name: string;
	attributes: Attributes;
	fn: (span: Span) => Promise<T>;
}) => Promise<T>;

/** A remote function, as SvelteKit keeps it. */
export interface RemoteInternals {
	/** The hash of its module, a slash, and its name; empty for one that no module exports. */
	id: string;
	name: string;
	/** `query`, `query_batch`, `query_live`, `prerender` and so on. */
	type: string;
}

/** The part of SvelteKit's state of a request that is read here. */
export interface RemoteState {
	/** Whether a query runs, which calls another one. */
	is_in_remote_query?: boolean;
	/** The queries that are being collected to run as one, by function or by its id. */
	remote?: { batches?: ReadonlyMap<unknown, unknown> | null };
}

/** SvelteKit's `get_response`: the result of a query, which runs once for a request and an argument. */
export type GetResponse = (
	internals: RemoteInternals,
	payload: string,
	state: RemoteState,
	getResult: () => Promise<unknown>
) => Promise<unknown>;

/** The errors that SvelteKit's `error()` and `redirect()` throw. */
export interface KitErrors {
	isHttpError(error: unknown): error is { status: number; body: { message: string } };
	isRedirect(error: unknown): error is { status: number; location: string };
}

/**
 * The server entry that starts telemetry. It sets `Symbol.for('adapter-node-otel: entry')` before it imports
 * `register.js`; if the symbol is not set, `register.js` was preloaded.
 */
export type Entry = 'index.js' | 'handler.js';

/** The functions for the server entries; they do nothing while telemetry is off. */
export interface Runtime {
	/**
	 * Whether this process is traced. SvelteKit's own switch reads it (see `src/kit/kit-2.ts` and
	 * `src/kit/kit-3.ts`); `undefined` keeps the value of the build, for the app's own SDK.
	 */
	enabled: boolean | undefined;
	/**
	 * Creates SvelteKit's `record_span` (see `files/wrappers`, and `src/kit/lean-spans.ts` for SvelteKit 2). Undefined
	 * unless telemetry of this package is on.
	 *
	 * @param errors the error classes of SvelteKit
	 */
	recordSpans?(errors: KitErrors): RecordSpan;
	/**
	 * Wraps SvelteKit's function for a request, either an incoming one or one that the app makes to itself (see
	 * `files/wrappers`). Undefined unless telemetry of this package is on.
	 *
	 * @param respond SvelteKit's function
	 * @param args its arguments
	 */
	respond?<Args extends unknown[], Result>(respond: (...args: Args) => Result, ...args: Args): Result;
	/**
	 * Wraps the rendering of a page (see `files/wrappers` and `src/kit/wrap-functions.ts`). Undefined unless telemetry of this
	 * package is on.
	 *
	 * @param render SvelteKit's function
	 * @param options its options
	 */
	render?<Options extends { page_config?: { ssr?: boolean } }>(
		render: (options: Options) => Promise<Response>,
		options: Options
	): Promise<Response>;
	/**
	 * Wraps the call of the app's `handleError`; the error is the last argument (see `files/wrappers` and
	 * `src/kit/wrap-functions.ts`). Undefined unless telemetry of this package is on.
	 *
	 * @param handle SvelteKit's function
	 * @param args its arguments
	 */
	handleError?<Args extends unknown[], Result>(handle: (...args: Args) => Result, ...args: Args): Result;
	/**
	 * Wraps SvelteKit's function for a query that the server itself calls, in a `load` function or while it renders
	 * a page (see `files/wrappers` and `src/kit/wrap-functions.ts`). Undefined unless telemetry of this package is on.
	 *
	 * @param getResponse SvelteKit's function
	 * @param args its arguments
	 */
	callRemote?(getResponse: GetResponse, ...args: Parameters<GetResponse>): Promise<unknown>;
	/**
	 * Called for each remote function when its module is loaded (see `files/wrappers`, and
	 * `src/kit/remote-functions.ts` for SvelteKit 2). Undefined unless telemetry of this package is on.
	 */
	noteRemote?(remote: { id: string; name: string }): void;
	/** Exports the remaining data and shuts telemetry down, within the timeout. Never rejects; runs once. */
	shutdown(): Promise<void>;
	/** Resolves when telemetry has started, or will not start. */
	ready: Promise<unknown>;
	/** Wraps a handler so that spans can read the request that they belong to. */
	traceHandler(handler: Handler): Handler;
	/** The same for a server that is already listening; undefined if the server was lost in a bundle. */
	traceServer(server: Server | { server: Server } | undefined): void;
}
