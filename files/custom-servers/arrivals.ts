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
import type { Tracing } from '../kit/tracing.ts';
import { type Exchange, exchangeOf } from './http2-exchange.ts';

/** How servers tell of a request; those of HTTP/1 that become another protocol have no response. */
const WITH_RESPONSE = new Set<unknown>(['request', 'checkContinue', 'checkExpectation', 'connect']);
const WITHOUT_RESPONSE = new Set<unknown>(['upgrade', 'connect']);

/**
 * Meets each request when it arrives, at every server of the process, before what it runs through there: for
 * servers of one's own, where SvelteKit's handler is one piece among others. All that listen on TCP, over
 * HTTP/1 and HTTP/2, with TLS and without, tell of their requests by the `emit` of `net.Server`. A server that
 * began to listen where tracing is suppressed stays alone: it is our own.
 *
 * @param tracing what the parts share
 * @returns finds a request that has been met
 */
export function meetArrivals(tracing: Tracing): (req: IncomingMessage) => TracedRequest | undefined {
	const { contextManager } = tracing;
	const arrived = new WeakMap<object, TracedRequest>();

	/** What is active at a server has nothing to do with what arrives there. */
	const rootOf = (active: Context): Context => {
		if (requestOf(active)) return ROOT_CONTEXT;
		return trace.getSpan(active) ? trace.deleteSpan(active) : active;
	};

	function meet({ req, res, stream }: Exchange, active: Context): Context {
		// a server may hand its requests on to another
		const known = arrived.get(req);
		if (known) return requestOf(active) === known ? active : known.context;

		// instrumentations of frameworks write the route there, and make spans of kind SERVER without it
		const rpc = { type: RPCType.HTTP } as RPCMetadata;
		const request = new ServerRequest(req, res, setRPCMetadata(rootOf(active), rpc), tracing);
		rpc.span = trace.getSpan(request.context)!;
		if (stream) emitWithin(stream, request, contextManager);
		else request.keepContext();
		arrived.set(req, request);
		return request.context;
	}

	/** A connection that goes on in another protocol has no response that could end a span. */
	function meetUpgrade(req: IncomingMessage, active: Context): Context {
		const root = rootOf(active);
		return tracing.ignoresPath(pathOf(req))
			? suppressTracing(root)
			: extractCaller(req.headers, root, tracing).context;
	}

	/** The context for what a server tells, if it is of a request. */
	function contextOf(server: Server, event: unknown, args: unknown[], active: Context): Context | undefined {
		const [req, res] = args;
		if (WITH_RESPONSE.has(event) && isRequest(req) && isResponse(res)) return meet({ req, res }, active);
		if (WITHOUT_RESPONSE.has(event) && isRequest(req)) return meetUpgrade(req, active);
		const exchange = event === 'stream' && server.listenerCount('request') === 0 && exchangeOf(args);
		return exchange ? meet(exchange, active) : undefined;
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
