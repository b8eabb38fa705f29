import { type Attributes, type Meter, ROOT_CONTEXT } from '@opentelemetry/api';
import {
	ATTR_ERROR_TYPE,
	ATTR_HTTP_REQUEST_METHOD,
	ATTR_HTTP_RESPONSE_STATUS_CODE,
	ATTR_HTTP_ROUTE,
	ATTR_URL_SCHEME,
	HTTP_REQUEST_METHOD_VALUE_OTHER,
	METRIC_HTTP_SERVER_REQUEST_DURATION
} from '@opentelemetry/semantic-conventions';
import { METRIC_HTTP_SERVER_ACTIVE_REQUESTS } from '@opentelemetry/semantic-conventions/incubating';
import { isKnownMethod } from '../http/methods.ts';
import type { MeasureRequest, RequestEnd } from '../http/tracing.ts';
import { AttributeSets, findOrCreate } from './attribute-sets.ts';
import { DURATION_BOUNDS } from './bounds.ts';
import type { Exemplars } from './exemplars.ts';

/** The measurement of incoming requests. */
export interface ServerMeasures {
	measureRequest: MeasureRequest;
	/** Adds the changes of the active requests to their instrument. For a collection that calls no callbacks. */
	settle(): void;
}

/**
 * Measures incoming requests according to the HTTP conventions. Attribute values never come from untrusted
 * input: methods and schemes are from a known set, routes and statuses from the app.
 *
 * @param meter creates the instruments
 * @param exemplars gets the measurements, if exemplars are on
 */
export function createServerMeasures(meter: Meter, exemplars?: Exemplars): ServerMeasures {
	const duration = meter.createHistogram(METRIC_HTTP_SERVER_REQUEST_DURATION, {
		description: 'Duration of HTTP server requests.',
		unit: 's',
		advice: { explicitBucketBoundaries: DURATION_BOUNDS }
	});
	const active = meter.createUpDownCounter(METRIC_HTTP_SERVER_ACTIVE_REQUESTS, {
		description: 'Number of active HTTP server requests.',
		unit: '{request}'
	});

	const bases = { http: new Map<string, Base>(), https: new Map<string, Base>() };
	const createBase = (method: string, scheme: keyof typeof bases): Base => {
		const attributes = Object.freeze({ [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_URL_SCHEME]: scheme });
		const routes = new Map<string | undefined, AttributeSets>();
		const end: Base['end'] = (ended) => {
			base.change--;
			base.isChanged = true;
			if (!ended) return;
			const { seconds, route, status, error, spanContext } = ended;
			const key = error === undefined ? status : `${status} ${error}`;
			const sets = findOrCreate(routes, route, () => new AttributeSets());
			const series = sets.get(key, () => ({
				...attributes,
				...(route !== undefined && { [ATTR_HTTP_ROUTE]: route }),
				...(status !== undefined && { [ATTR_HTTP_RESPONSE_STATUS_CODE]: status }),
				...(error !== undefined && { [ATTR_ERROR_TYPE]: error })
			}));
			duration.record(seconds, series, ROOT_CONTEXT);
			exemplars?.offer(METRIC_HTTP_SERVER_REQUEST_DURATION, series, seconds, spanContext);
		};
		const base: Base = { attributes, end, change: 0, isChanged: false };
		return base;
	};

	const settle = (): void => {
		for (const base of [...bases.http.values(), ...bases.https.values()]) {
			if (!base.isChanged) continue;
			active.add(base.change, base.attributes, ROOT_CONTEXT);
			base.change = 0;
			base.isChanged = false;
		}
	};
	// called before each collection. The instrument has no values, so nothing exports it
	meter.addBatchObservableCallback(settle, [meter.createObservableGauge('adapter-node-otel.settle')]);

	return {
		settle,
		measureRequest: (method, scheme) => {
			const known = isKnownMethod(method) ? method : HTTP_REQUEST_METHOD_VALUE_OTHER;
			const base = findOrCreate(bases[scheme], known, () => createBase(known, scheme));
			base.change++;
			base.isChanged = true;
			return base.end;
		}
	};
}

/** A method and a scheme. */
interface Base {
	readonly attributes: Readonly<Attributes>;
	/** Ends a measurement: a function for all requests, because a function for each costs more. */
	readonly end: (end?: RequestEnd) => void;
	/** The change of the active requests since the last collection: two calls of the SDK for each request cost more. */
	change: number;
	/** Whether there was a request, even if the change is zero. */
	isChanged: boolean;
}
