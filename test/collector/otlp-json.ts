import { readFileSync } from 'node:fs';

export type Attributes = Record<string, unknown>;

export interface Span {
	traceId: string;
	spanId: string;
	/** Empty for the first span of a trace. */
	parentSpanId: string;
	name: string;
	/** As in OTLP: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
	kind: number;
	/** `code` as in OTLP: 0 unset, 1 ok, 2 error. */
	status: { code: number; message?: string };
	attributes: Attributes;
	resource: Attributes;
}

export interface DataPoint {
	metric: string;
	attributes: Attributes;
	/** A sum's value, a histogram's count. */
	value: number;
	/** A histogram's sum. */
	sum?: number;
	/** The trace ids of a histogram's exemplars. */
	exemplars: string[];
}

export interface LogRecord {
	body: unknown;
	severityText: string;
	/** Empty where it belongs to no trace, like the next one. */
	traceId: string;
	spanId: string;
}

interface AnyValue {
	stringValue?: string;
	boolValue?: boolean;
	intValue?: string | number;
	doubleValue?: number;
	bytesValue?: string;
	arrayValue?: { values?: AnyValue[] };
	kvlistValue?: { values?: KeyValue[] };
}

interface KeyValue {
	key: string;
	value?: AnyValue;
}

interface TracesData {
	resourceSpans?: {
		resource?: { attributes?: KeyValue[] };
		scopeSpans?: { spans?: RawSpan[] }[];
	}[];
}

interface RawSpan extends Omit<Span, 'parentSpanId' | 'kind' | 'status' | 'attributes' | 'resource'> {
	parentSpanId?: string;
	kind?: number;
	status?: { code?: number; message?: string };
	attributes?: KeyValue[];
}

interface MetricsData {
	resourceMetrics?: { scopeMetrics?: { metrics?: RawMetric[] }[] }[];
}

interface LogsData {
	resourceLogs?: {
		scopeLogs?: { logRecords?: (Partial<LogRecord> & { body?: AnyValue })[] }[];
	}[];
}

interface RawMetric {
	name: string;
	sum?: { dataPoints?: RawDataPoint[] };
	histogram?: { dataPoints?: RawDataPoint[] };
}

interface RawDataPoint {
	attributes?: KeyValue[];
	asInt?: string;
	asDouble?: number;
	count?: string;
	sum?: number;
	exemplars?: { traceId?: string; spanId?: string }[];
}

/** All log records that the Collector's file exporter wrote so far. */
export const readLogs = (file: string): LogRecord[] =>
	readLines<LogsData>(file)
		.flatMap(({ resourceLogs = [] }) => resourceLogs)
		.flatMap(({ scopeLogs = [] }) => scopeLogs)
		.flatMap(({ logRecords = [] }) => logRecords)
		.map(({ body, severityText = '', traceId = '', spanId = '' }) => ({
			body: toValue(body),
			severityText,
			traceId,
			spanId
		}));

/** All spans that the Collector's file exporter wrote so far. */
export function readSpans(file: string): Span[] {
	const spans: Span[] = [];
	for (const data of readLines<TracesData>(file)) {
		for (const { resource, scopeSpans } of data.resourceSpans ?? []) {
			const resourceAttributes = toObject(resource?.attributes);
			for (const raw of (scopeSpans ?? []).flatMap((scope) => scope.spans ?? [])) {
				spans.push(toSpan(raw, resourceAttributes));
			}
		}
	}
	return spans;
}

/** The latest data point of every series that the Collector's file exporter wrote so far. */
export function readMetrics(file: string): DataPoint[] {
	// The counts are cumulative, so a later line replaces an earlier one.
	const series = new Map<string, DataPoint>();
	for (const data of readLines<MetricsData>(file)) {
		const scopes = (data.resourceMetrics ?? []).flatMap((resource) => resource.scopeMetrics ?? []);
		for (const { name, sum, histogram } of scopes.flatMap((scope) => scope.metrics ?? [])) {
			for (const raw of (sum ?? histogram)?.dataPoints ?? []) {
				const point = toDataPoint(name, raw);
				const key = JSON.stringify([name, Object.entries(point.attributes).sort()]);
				// each export has the exemplars since the one before
				const exemplars = [...(series.get(key)?.exemplars ?? []), ...point.exemplars];
				series.set(key, { ...point, exemplars });
			}
		}
	}
	return [...series.values()];
}

function readLines<T>(file: string): T[] {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (error) {
		// The Collector makes the file when it has something to write.
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
		throw error;
	}
	// A line that has no end yet is still being written.
	const complete = text.slice(0, text.lastIndexOf('\n') + 1);
	return complete
		.split('\n')
		.filter(Boolean)
		.map((line) => JSON.parse(line) as T);
}

function toSpan(raw: RawSpan, resource: Attributes): Span {
	return {
		traceId: raw.traceId,
		spanId: raw.spanId,
		parentSpanId: raw.parentSpanId ?? '',
		name: raw.name,
		kind: raw.kind ?? 0,
		status: { code: 0, ...raw.status },
		attributes: toObject(raw.attributes),
		resource
	};
}

function toDataPoint(metric: string, raw: RawDataPoint): DataPoint {
	const value = Number(raw.asInt ?? raw.asDouble ?? raw.count);
	return {
		metric,
		attributes: toObject(raw.attributes),
		value,
		exemplars: (raw.exemplars ?? []).map(({ traceId = '' }) => traceId),
		...(raw.sum !== undefined && { sum: raw.sum })
	};
}

function toObject(attributes: KeyValue[] = []): Attributes {
	return Object.fromEntries(attributes.map(({ key, value }) => [key, toValue(value)]));
}

function toValue(value: AnyValue = {}): unknown {
	// 64-bit integers are strings in OTLP's JSON; none in a test is too large for a number.
	if (value.intValue !== undefined) return Number(value.intValue);
	if (value.arrayValue) return (value.arrayValue.values ?? []).map(toValue);
	if (value.kvlistValue) return toObject(value.kvlistValue.values);
	return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue;
}
