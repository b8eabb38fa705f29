import { type Id, type Int64, type KeyValue, toAttributes, toHex } from './decode.ts';
import { decodeRequest } from './schema.ts';
import type { Attributes } from './span.ts';

/** A data point of a metric, with its resource and its scope. */
export interface ReceivedPoint {
	name: string;
	unit: string;
	kind: 'gauge' | 'sum' | 'histogram' | 'exponentialHistogram';
	/** 1 delta, 2 cumulative; 0 for a gauge. */
	temporality: number;
	isMonotonic: boolean;
	attributes: Attributes;
	/** Of a gauge and a sum. */
	value: number;
	/** Of histograms. */
	count: number;
	sum: number;
	bounds: number[];
	/** What is in each bucket of a histogram. Of an exponential one: zeros, negative and positive buckets. */
	buckets: number[];
	exemplars: { value: number; timeUnixNano: bigint; traceId: string; spanId: string }[];
	resource: Attributes;
	scope: { name: string; version: string };
}

interface OtlpPoint {
	attributes?: KeyValue[];
	asDouble?: number;
	asInt?: Int64;
	count?: Int64;
	sum?: number;
	explicitBounds?: number[];
	bucketCounts?: Int64[];
	zeroCount?: Int64;
	negative?: { bucketCounts?: Int64[] };
	positive?: { bucketCounts?: Int64[] };
	exemplars?: { asDouble?: number; timeUnixNano?: Int64; traceId?: Id; spanId?: Id }[];
}

interface OtlpData {
	dataPoints?: OtlpPoint[];
	aggregationTemporality?: number;
	isMonotonic?: boolean;
}

type Kinds = Partial<Record<ReceivedPoint['kind'], OtlpData>>;

interface ResourceMetrics {
	resource?: { attributes?: KeyValue[] };
	scopeMetrics?: {
		scope?: { name?: string; version?: string };
		metrics?: ({ name?: string; unit?: string } & Kinds)[];
	}[];
}

const KINDS = ['gauge', 'sum', 'histogram', 'exponentialHistogram'] as const;

/** Reads a request body of the metrics service; throws when it is not one. */
export function decodeMetrics(body: Uint8Array, encoding: 'protobuf' | 'json'): ReceivedPoint[] {
	const request: unknown =
		encoding === 'protobuf' ? decodeRequest('metrics', body) : JSON.parse(Buffer.from(body).toString('utf8'));
	const { resourceMetrics = [] } = request as { resourceMetrics?: ResourceMetrics[] };
	return resourceMetrics.flatMap(({ resource, scopeMetrics = [] }) =>
		scopeMetrics.flatMap(({ scope, metrics = [] }) =>
			metrics.flatMap((metric) =>
				KINDS.flatMap((kind) => {
					const { dataPoints = [], aggregationTemporality = 0, isMonotonic = false } = metric[kind] ?? {};
					return dataPoints.map((point) => ({
						name: metric.name ?? '',
						unit: metric.unit ?? '',
						kind,
						temporality: aggregationTemporality,
						isMonotonic,
						attributes: toAttributes(point.attributes),
						value: Number(point.asDouble ?? point.asInt ?? 0),
						count: Number(point.count ?? 0),
						sum: point.sum ?? 0,
						bounds: point.explicitBounds ?? [],
						buckets: toBuckets(point),
						exemplars: (point.exemplars ?? []).map(({ asDouble, timeUnixNano, traceId, spanId }) => ({
							value: asDouble ?? 0,
							timeUnixNano: BigInt(timeUnixNano ?? 0),
							traceId: toHex(traceId, [0, 16]),
							spanId: toHex(spanId, [0, 8])
						})),
						resource: toAttributes(resource?.attributes),
						scope: { name: scope?.name ?? '', version: scope?.version ?? '' }
					}));
				})
			)
		)
	);
}

function toBuckets({ bucketCounts, zeroCount, negative, positive }: OtlpPoint): number[] {
	const exponential = [zeroCount ?? 0, ...(negative?.bucketCounts ?? []), ...(positive?.bucketCounts ?? [])];
	return (bucketCounts ?? exponential).map(Number);
}
