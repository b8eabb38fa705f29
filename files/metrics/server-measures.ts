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
import type { MeasureRequest } from '../kit/tracing.ts';
import { AttributeSets, findOrCreate } from './attribute-sets.ts';
import { DURATION_BOUNDS } from './bounds.ts';
import type { Exemplars } from './exemplars.ts';

/**
 * Measures incoming requests according to the HTTP conventions. Attribute values never come from untrusted
 * input: methods and schemes are from a known set, routes and statuses from the app.
 *
 * @param meter creates the instruments
 * @param exemplars gets the measurements, if exemplars are on
 */
export function createServerMeasures(meter: Meter, exemplars?: Exemplars): MeasureRequest {
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
	const baseOf = (method: string, scheme: keyof typeof bases): Base =>
		findOrCreate(bases[scheme], method, () => {
			const attributes = { [ATTR_HTTP_REQUEST_METHOD]: method, [ATTR_URL_SCHEME]: scheme };
			return { attributes: Object.freeze(attributes), routes: new Map() };
		});

	return (method, origin) => {
		const known = isKnownMethod(method) ? method : HTTP_REQUEST_METHOD_VALUE_OTHER;
		const base = baseOf(known, origin?.startsWith('http:') ? 'http' : 'https');
		active.add(1, base.attributes, ROOT_CONTEXT);
		return (end) => {
			active.add(-1, base.attributes, ROOT_CONTEXT);
			if (!end) return;
			const { seconds, route, status, error, spanContext } = end;
			const key = error === undefined ? status : `${status} ${error}`;
			const sets = findOrCreate(base.routes, route, () => new AttributeSets());
			const attributes = sets.get(key, () => ({
				...base.attributes,
				...(route !== undefined && { [ATTR_HTTP_ROUTE]: route }),
				...(status !== undefined && { [ATTR_HTTP_RESPONSE_STATUS_CODE]: status }),
				...(error !== undefined && { [ATTR_ERROR_TYPE]: error })
			}));
			duration.record(seconds, attributes, ROOT_CONTEXT);
			exemplars?.offer(METRIC_HTTP_SERVER_REQUEST_DURATION, attributes, seconds, spanContext);
		};
	};
}

/** The attributes of a method and a scheme, and those of its routes: a route is found without a new string. */
interface Base {
	readonly attributes: Readonly<Attributes>;
	readonly routes: Map<string | undefined, AttributeSets>;
}
