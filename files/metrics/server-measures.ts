import { type Meter, ROOT_CONTEXT } from '@opentelemetry/api';
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
import { AttributeSets } from './attribute-sets.ts';
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

	const sets = new AttributeSets();

	return (method, origin) => {
		const known = isKnownMethod(method) ? method : HTTP_REQUEST_METHOD_VALUE_OTHER;
		const scheme = origin?.startsWith('http:') ? 'http' : 'https';
		const key = `${known} ${scheme}`;
		const base = sets.get(key, () => ({ [ATTR_HTTP_REQUEST_METHOD]: known, [ATTR_URL_SCHEME]: scheme }));
		active.add(1, base, ROOT_CONTEXT);
		return (end) => {
			active.add(-1, base, ROOT_CONTEXT);
			if (!end) return;
			const { seconds, route, status, error, spanContext } = end;
			const attributes = sets.get(`${key} ${status} ${error} ${route}`, () => ({
				...base,
				...(route !== undefined && { [ATTR_HTTP_ROUTE]: route }),
				...(status !== undefined && { [ATTR_HTTP_RESPONSE_STATUS_CODE]: status }),
				...(error !== undefined && { [ATTR_ERROR_TYPE]: error })
			}));
			duration.record(seconds, attributes, ROOT_CONTEXT);
			exemplars?.offer(METRIC_HTTP_SERVER_REQUEST_DURATION, attributes, seconds, spanContext);
		};
	};
}
