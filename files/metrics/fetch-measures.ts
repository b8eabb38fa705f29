import {
	type Attributes,
	type Meter,
	ROOT_CONTEXT,
	type SpanContext,
	context,
	trace
} from '@opentelemetry/api';
import {
	ATTR_ERROR_TYPE,
	ATTR_HTTP_REQUEST_METHOD,
	ATTR_HTTP_RESPONSE_STATUS_CODE,
	ATTR_SERVER_ADDRESS,
	ATTR_SERVER_PORT,
	ATTR_URL_SCHEME,
	HTTP_REQUEST_METHOD_VALUE_OTHER,
	METRIC_HTTP_CLIENT_REQUEST_DURATION
} from '@opentelemetry/semantic-conventions';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { log } from '../diagnostics/log.ts';
import { isKnownMethod } from '../http/methods.ts';
import { isInformational, targetOf } from '../instrumentation/fetch-target.ts';
import { DURATION_BOUNDS } from './bounds.ts';
import type { Exemplars } from './exemplars.ts';

/**
 * The maximum number of hosts with their own time series. An app that fetches any given URL must not fill
 * the memory.
 */
const MAX_HOSTS = 200;

/** A request of undici, as its diagnostics channels publish it. */
interface UndiciRequest {
	method: string;
	origin: string | URL;
	path: string;
}

/** A request in progress. */
interface Pending {
	attributes: Attributes;
	startedAt: number;
	/** The span that was active when the request was made. */
	spanContext: SpanContext | undefined;
}

/**
 * Measures outgoing `fetch` according to the HTTP conventions, with undici's diagnostics channels. Node's
 * own `fetch` and the undici package publish on them. Patches nothing.
 *
 * A request ends with the headers of its response, as its CLIENT span does (see `fetch-instrumentation.ts`).
 *
 * @param meter creates the instrument
 * @param exemplars gets the measurements, if exemplars are on
 * @returns ends it
 */
export function measureFetch(meter: Meter, exemplars?: Exemplars): () => void {
	const duration = meter.createHistogram(METRIC_HTTP_CLIENT_REQUEST_DURATION, {
		description: 'Duration of HTTP client requests.',
		unit: 's',
		advice: { explicitBucketBoundaries: DURATION_BOUNDS }
	});
	// weak: there is no event for the end of a request that becomes a WebSocket
	const pending = new WeakMap<UndiciRequest, Pending>();
	const describeHost = createHosts();

	const end = (request: UndiciRequest, result: Attributes): void => {
		const started = pending.get(request);
		if (!started) return;
		pending.delete(request);
		const attributes = { ...started.attributes, ...result };
		const seconds = (performance.now() - started.startedAt) / 1000;
		duration.record(seconds, attributes, ROOT_CONTEXT);
		exemplars?.offer(METRIC_HTTP_CLIENT_REQUEST_DURATION, attributes, seconds, started.spanContext);
	};

	const create = (message: unknown): void => {
		const { request } = message as { request: UndiciRequest };
		if (request.method === 'CONNECT') return;
		const method = request.method.toUpperCase();
		const attributes: Attributes = {
			[ATTR_HTTP_REQUEST_METHOD]: isKnownMethod(method) ? method : HTTP_REQUEST_METHOD_VALUE_OTHER,
			...describeHost(targetOf(request).origin)
		};
		const spanContext = trace.getSpanContext(context.active());
		pending.set(request, { attributes, startedAt: performance.now(), spanContext });
	};
	const headers = (message: unknown): void => {
		const { request, response } = message as {
			request: UndiciRequest;
			response: { statusCode: number };
		};
		const { statusCode } = response;
		if (isInformational(statusCode)) return;
		end(request, {
			[ATTR_HTTP_RESPONSE_STATUS_CODE]: statusCode,
			...(statusCode >= 400 && { [ATTR_ERROR_TYPE]: String(statusCode) })
		});
	};
	const fail = (message: unknown): void => {
		const { request, error } = message as { request: UndiciRequest; error?: unknown };
		end(request, { [ATTR_ERROR_TYPE]: typeOf(error) });
	};
	const listeners = Object.entries({ create, headers, error: fail });
	for (const [event, listener] of listeners) subscribe(`undici:request:${event}`, listener);
	return () => {
		for (const [event, listener] of listeners) unsubscribe(`undici:request:${event}`, listener);
	};
}

/** The `error.type`: any value can be the reason of an abort, and that of `AbortSignal` has a numeric code. */
function typeOf(error: unknown): string {
	const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
	const found = [code, name].find((each) => typeof each === 'string' && each !== '');
	return (found as string | undefined) ?? 'Error';
}

/** The attributes of a host, for a limited number of hosts. */
function createHosts(): (origin: string) => Attributes {
	const hosts = new Map<string, Attributes>();
	const rest: Attributes = { [ATTR_SERVER_ADDRESS]: HTTP_REQUEST_METHOD_VALUE_OTHER };
	let isLogged = false;

	return (origin) => {
		const known = hosts.get(origin);
		if (known) return known;
		if (hosts.size >= MAX_HOSTS) {
			if (!isLogged) {
				isLogged = true;
				log(
					'warn',
					`the app calls more than ${MAX_HOSTS} hosts: in http.client.request.duration those that follow have the server.address _OTHER`
				);
			}
			return rest;
		}
		const attributes = parseHost(origin);
		hosts.set(origin, attributes);
		return attributes;
	};
}

function parseHost(origin: string): Attributes {
	if (!URL.canParse(origin)) return {};
	const { protocol, hostname, port } = new URL(origin);
	const scheme = protocol.slice(0, -1);
	return {
		[ATTR_SERVER_ADDRESS]: hostname,
		[ATTR_SERVER_PORT]: Number(port) || (scheme === 'https' ? 443 : 80),
		[ATTR_URL_SCHEME]: scheme
	};
}
