import { type Context, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import {
	type RPCMetadata,
	RPCType,
	isTracingSuppressed,
	setRPCMetadata,
	suppressTracing
} from '@opentelemetry/core';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Server } from 'node:net';
import { emitWithin } from '../http/emit-within.ts';
import { extractCaller } from '../http/extract-caller.ts';
import { pathOf } from '../http/http-attributes.ts';
import { requestOf } from '../http/request-context.ts';
import { ServerRequest } from '../http/server-request.ts';
import type { TracedRequest } from '../http/traced-request.ts';
import type { Tracing } from '../http/tracing.ts';
import { type Exchange, exchangeOf } from './http2-exchange.ts';

/** The events for requests with a response. HTTP/1 requests that upgrade to another protocol have none. */
const WITH_RESPONSE = new Set<unknown>(['request', 'checkContinue', 'checkExpectation', 'connect']);
const WITHOUT_RESPONSE = new Set<unknown>(['upgrade', 'connect']);

/**
 * Records each request when it arrives, at every server of the process, before any handler runs. This is for
 * custom servers, where SvelteKit's handler is one of several. All servers that listen on TCP (HTTP/1 and
 * HTTP/2, with and without TLS) emit their requests through the `emit` of `net.Server`. A server that began to
 * listen while tracing was suppressed is ignored: it is the adapter's own.
 *
 * @param tracing shared state of request tracing
 * @returns finds a request that has been recorded
 */
export function traceArrivals(tracing: Tracing): (req: IncomingMessage) => TracedRequest | undefined {
	const { contextManager } = tracing;
	const arrived = new WeakMap<object, TracedRequest>();

	/** The context that is active at a server does not belong to the requests that arrive there. */
	const rootOf = (active: Context): Context => {
		if (requestOf(active)) return ROOT_CONTEXT;
		return trace.getSpan(active) ? trace.deleteSpan(active) : active;
	};

	function recordArrival({ req, res, stream }: Exchange, active: Context): Context {
		// a server may pass its requests to another server
		const known = arrived.get(req);
		if (known) return requestOf(active) === known ? active : known.context;

		// framework instrumentations set the route there. Without it, they start spans of kind SERVER
		const rpc = { type: RPCType.HTTP } as RPCMetadata;
		const request = new ServerRequest(req, res, setRPCMetadata(rootOf(active), rpc), tracing);
		rpc.span = trace.getSpan(request.context)!;
		if (stream) emitWithin(stream, request, contextManager);
		else request.bindListeners();
		arrived.set(req, request);
		return request.context;
	}

	/** A connection that upgrades to another protocol has no response, so nothing would end a span. */
	function contextOfUpgrade(req: IncomingMessage, active: Context): Context {
		const root = rootOf(active);
		return tracing.ignores(pathOf(req))
			? suppressTracing(root)
			: extractCaller(req.headers, root, tracing).context;
	}

	/** The context for an event of a server, if it is for a request. */
	function contextOf(server: Server, event: unknown, args: unknown[], active: Context): Context | undefined {
		const [req, res] = args;
		if (WITH_RESPONSE.has(event) && isRequest(req) && isResponse(res))
			return recordArrival({ req, res }, active);
		if (WITHOUT_RESPONSE.has(event) && isRequest(req)) return contextOfUpgrade(req, active);
		const exchange = event === 'stream' && server.listenerCount('request') === 0 && exchangeOf(args);
		return exchange ? recordArrival(exchange, active) : undefined;
	}

	const { emit } = Server.prototype;
	Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]): boolean {
		const active = contextManager.active();
		const context = isTracingSuppressed(active) ? undefined : contextOf(this, event, args, active);
		return context
			? contextManager.with(context, emit, this, event, ...args)
			: Reflect.apply(emit, this, [event, ...args]);
	} as typeof emit;

	return (req) => arrived.get(req);
}

/** Other protocols have servers with events of the same names. */
const isRequest = (value: unknown): value is IncomingMessage =>
	typeof value === 'object' && value !== null && 'headers' in value && 'method' in value && 'url' in value;

const isResponse = (value: unknown): value is ServerResponse =>
	typeof value === 'object' && value !== null && 'writeHead' in value;
