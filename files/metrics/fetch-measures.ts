import { type Attributes, type Meter, ROOT_CONTEXT } from '@opentelemetry/api';
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
import { DURATION_BOUNDS } from './bounds.ts';

/** Hosts that have series of their own; an app that fetches whatever it is told to shall not fill memory. */
const MAX_HOSTS = 200;

/** A body that nobody reads never ends: then the request counts with the time that its headers took. */
const LONGEST_BODY_MS = 30_000;

/** A request of undici's, as its diagnostics channels tell of it. */
interface UndiciRequest {
	method: string;
	origin: string | URL;
}

/** A request that is under way. */
interface Pending {
	attributes: Attributes;
	startedAt: number;
	/** When the headers of its response came. */
	answeredAt?: number;
}

/** What measures outgoing requests. */
export interface FetchMeasures {
	/** Counts what has been answered, and whose body nobody has read to its end: nothing comes after it. */
	settle(): void;
}

/**
 * Measures outgoing `fetch`, by the HTTP conventions: from undici's diagnostics channels, which Node's own
 * `fetch` and the package tell on. Hooks nothing.
 *
 * @param meter makes the instrument
 */
export function measureFetch(meter: Meter): FetchMeasures {
	const duration = meter.createHistogram(METRIC_HTTP_CLIENT_REQUEST_DURATION, {
		description: 'Duration of HTTP client requests.',
		unit: 's',
		advice: { explicitBucketBoundaries: DURATION_BOUNDS }
	});
	const pending = new Map<UndiciRequest, Pending>();
	const describeHost = createHosts();

	const end = (request: UndiciRequest, endedAt: number, error?: string): void => {
		const entry = pending.get(request);
		if (!entry) return;
		pending.delete(request);
		if (error !== undefined) entry.attributes[ATTR_ERROR_TYPE] = error;
		duration.record((endedAt - entry.startedAt) / 1000, entry.attributes, ROOT_CONTEXT);
	};
	const settle = (isOver: (answeredAt: number) => boolean = () => true): void => {
		for (const [request, { answeredAt }] of pending) {
			if (answeredAt !== undefined && isOver(answeredAt)) end(request, answeredAt);
		}
	};
	setInterval(() => {
		const before = performance.now() - LONGEST_BODY_MS;
		settle((answeredAt) => answeredAt < before);
	}, LONGEST_BODY_MS).unref();

	subscribe('undici:request:create', (message) => {
		const { request } = message as { request: UndiciRequest };
		if (request.method === 'CONNECT') return;
		const method = request.method.toUpperCase();
		const attributes: Attributes = {
			[ATTR_HTTP_REQUEST_METHOD]: isKnownMethod(method) ? method : HTTP_REQUEST_METHOD_VALUE_OTHER,
			...describeHost(String(request.origin))
		};
		pending.set(request, { attributes, startedAt: performance.now() });
	});
	subscribe('undici:request:headers', (message) => {
		const { request, response } = message as {
			request: UndiciRequest;
			response: { statusCode: number };
		};
		const entry = pending.get(request);
		if (!entry) return;
		entry.answeredAt = performance.now();
		entry.attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = response.statusCode;
		if (response.statusCode >= 400) entry.attributes[ATTR_ERROR_TYPE] = String(response.statusCode);
	});
	subscribe('undici:request:trailers', (message) => {
		end((message as { request: UndiciRequest }).request, performance.now());
	});
	subscribe('undici:request:error', (message) => {
		const { request, error } = message as { request: UndiciRequest; error?: NodeJS.ErrnoException };
		end(request, performance.now(), error?.code || error?.name || 'Error');
	});
	return { settle: () => settle() };
}

/** What is said of a host, of so many at most. */
function createHosts(): (origin: string) => Attributes {
	const hosts = new Map<string, Attributes>();
	const rest: Attributes = { [ATTR_SERVER_ADDRESS]: HTTP_REQUEST_METHOD_VALUE_OTHER };
	let isTold = false;

	return (origin) => {
		const known = hosts.get(origin);
		if (known) return known;
		if (hosts.size >= MAX_HOSTS) {
			if (!isTold) {
				isTold = true;
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
