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
import { subscribe } from 'node:diagnostics_channel';
import { log } from '../diagnostics/log.ts';
import { isKnownMethod } from '../http/methods.ts';
import { targetOf } from '../instrumentation/fetch-target.ts';
import { DURATION_BOUNDS } from './bounds.ts';
import type { Exemplars } from './exemplars.ts';

/**
 * The maximum number of hosts with their own time series. An app that fetches any given URL must not fill
 * the memory.
 */
const MAX_HOSTS = 200;

/**
 * A body that is never read never ends. The request is then counted with the time until its headers
 * arrived.
 */
const MAX_BODY_MS = 30_000;

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
	/** When the response headers arrived. */
	answeredAt?: number;
}

/** The measurement of outgoing requests. */
export interface FetchMeasures {
	/**
	 * Counts requests that have a response but whose body was not read to its end, because no more event
	 * follows.
	 */
	settle(): void;
}

/**
 * Measures outgoing `fetch` according to the HTTP conventions, with undici's diagnostics channels. Node's
 * own `fetch` and the undici package publish on them. Patches nothing.
 *
 * @param meter creates the instrument
 * @param exemplars gets the measurements, if exemplars are on
 */
export function measureFetch(meter: Meter, exemplars?: Exemplars): FetchMeasures {
	const duration = meter.createHistogram(METRIC_HTTP_CLIENT_REQUEST_DURATION, {
		description: 'Duration of HTTP client requests.',
		unit: 's',
		advice: { explicitBucketBoundaries: DURATION_BOUNDS }
	});
	// weak: there is no event for the end of a request that becomes a WebSocket
	const pending = new WeakMap<UndiciRequest, Pending>();
	const answered = new Set<UndiciRequest>();
	const describeHost = createHosts();

	const end = (request: UndiciRequest, endedAt: number, error?: string): void => {
		const entry = pending.get(request);
		if (!entry) return;
		pending.delete(request);
		answered.delete(request);
		if (error !== undefined) entry.attributes[ATTR_ERROR_TYPE] = error;
		const seconds = (endedAt - entry.startedAt) / 1000;
		duration.record(seconds, entry.attributes, ROOT_CONTEXT);
		exemplars?.offer(METRIC_HTTP_CLIENT_REQUEST_DURATION, entry.attributes, seconds, entry.spanContext);
	};
	const settle = (isOver: (answeredAt: number) => boolean = () => true): void => {
		for (const request of answered) {
			const { answeredAt = 0 } = pending.get(request) ?? {};
			if (isOver(answeredAt)) end(request, answeredAt);
		}
	};
	setInterval(() => {
		const before = performance.now() - MAX_BODY_MS;
		settle((answeredAt) => answeredAt < before);
	}, MAX_BODY_MS).unref();

	subscribe('undici:request:create', (message) => {
		const { request } = message as { request: UndiciRequest };
		if (request.method === 'CONNECT') return;
		const method = request.method.toUpperCase();
		const attributes: Attributes = {
			[ATTR_HTTP_REQUEST_METHOD]: isKnownMethod(method) ? method : HTTP_REQUEST_METHOD_VALUE_OTHER,
			...describeHost(targetOf(request).origin)
		};
		const spanContext = trace.getSpanContext(context.active());
		pending.set(request, { attributes, startedAt: performance.now(), spanContext });
	});
	subscribe('undici:request:headers', (message) => {
		const { request, response } = message as {
			request: UndiciRequest;
			response: { statusCode: number };
		};
		const entry = pending.get(request);
		if (!entry) return;
		entry.answeredAt = performance.now();
		answered.add(request);
		entry.attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = response.statusCode;
		if (response.statusCode >= 400) entry.attributes[ATTR_ERROR_TYPE] = String(response.statusCode);
	});
	subscribe('undici:request:trailers', (message) => {
		end((message as { request: UndiciRequest }).request, performance.now());
	});
	subscribe('undici:request:error', (message) => {
		const { request, error } = message as { request: UndiciRequest; error?: unknown };
		end(request, performance.now(), typeOf(error));
	});
	return { settle: () => settle() };
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
