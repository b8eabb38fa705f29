import protobuf from 'protobufjs';

// The parts of OTLP's services that a receiver reads. Names are OTLP/JSON's, so that
// a decoded protobuf message and a parsed JSON body have the same shape.
const { Root } = protobuf;

type Fields = Record<string, string>;

/** `'resourceSpans': '1 ResourceSpans[]'` says field 1, a repeated ResourceSpans. */
function message(fields: Fields, oneof?: string): protobuf.IType {
	const entries = Object.entries(fields).map(([name, text]) => {
		const [id, type = ''] = text.split(' ');
		const isRepeated = type.endsWith('[]');
		const field: protobuf.IField = {
			id: Number(id),
			type: isRepeated ? type.slice(0, -2) : type,
			...(isRepeated ? { rule: 'repeated' } : {})
		};
		return [name, field] as const;
	});
	return {
		fields: Object.fromEntries(entries),
		...(oneof ? { oneofs: { [oneof]: { oneof: Object.keys(fields) } } } : {})
	};
}

const root = Root.fromJSON({
	nested: {
		ExportTraceServiceRequest: message({ resourceSpans: '1 ResourceSpans[]' }),
		ExportTraceServiceResponse: message({ partialSuccess: '1 ExportTracePartialSuccess' }),
		ExportTracePartialSuccess: message({ rejectedSpans: '1 int64', errorMessage: '2 string' }),
		ExportLogsServiceRequest: message({ resourceLogs: '1 ResourceLogs[]' }),
		ResourceLogs: message({ resource: '1 Resource', scopeLogs: '2 ScopeLogs[]', schemaUrl: '3 string' }),
		ScopeLogs: message({
			scope: '1 InstrumentationScope',
			logRecords: '2 LogRecord[]',
			schemaUrl: '3 string'
		}),
		LogRecord: message({
			timeUnixNano: '1 fixed64',
			severityNumber: '2 int32',
			severityText: '3 string',
			body: '5 AnyValue',
			attributes: '6 KeyValue[]',
			droppedAttributesCount: '7 uint32',
			flags: '8 fixed32',
			traceId: '9 bytes',
			spanId: '10 bytes',
			observedTimeUnixNano: '11 fixed64',
			eventName: '12 string'
		}),
		ResourceSpans: message({
			resource: '1 Resource',
			scopeSpans: '2 ScopeSpans[]',
			schemaUrl: '3 string'
		}),
		Resource: message({ attributes: '1 KeyValue[]', droppedAttributesCount: '2 uint32' }),
		ScopeSpans: message({
			scope: '1 InstrumentationScope',
			spans: '2 Span[]',
			schemaUrl: '3 string'
		}),
		InstrumentationScope: message({
			name: '1 string',
			version: '2 string',
			attributes: '3 KeyValue[]',
			droppedAttributesCount: '4 uint32'
		}),
		Span: message({
			traceId: '1 bytes',
			spanId: '2 bytes',
			traceState: '3 string',
			parentSpanId: '4 bytes',
			name: '5 string',
			kind: '6 int32',
			startTimeUnixNano: '7 fixed64',
			endTimeUnixNano: '8 fixed64',
			attributes: '9 KeyValue[]',
			droppedAttributesCount: '10 uint32',
			events: '11 Event[]',
			droppedEventsCount: '12 uint32',
			links: '13 Link[]',
			droppedLinksCount: '14 uint32',
			status: '15 Status',
			flags: '16 fixed32'
		}),
		Event: message({
			timeUnixNano: '1 fixed64',
			name: '2 string',
			attributes: '3 KeyValue[]',
			droppedAttributesCount: '4 uint32'
		}),
		Link: message({
			traceId: '1 bytes',
			spanId: '2 bytes',
			traceState: '3 string',
			attributes: '4 KeyValue[]',
			droppedAttributesCount: '5 uint32',
			flags: '6 fixed32'
		}),
		ExportMetricsServiceRequest: message({ resourceMetrics: '1 ResourceMetrics[]' }),
		ResourceMetrics: message({
			resource: '1 Resource',
			scopeMetrics: '2 ScopeMetrics[]',
			schemaUrl: '3 string'
		}),
		ScopeMetrics: message({
			scope: '1 InstrumentationScope',
			metrics: '2 Metric[]',
			schemaUrl: '3 string'
		}),
		Metric: message({
			name: '1 string',
			description: '2 string',
			unit: '3 string',
			gauge: '5 Gauge',
			sum: '7 Sum',
			histogram: '9 Histogram',
			exponentialHistogram: '10 ExponentialHistogram'
		}),
		Gauge: message({ dataPoints: '1 NumberDataPoint[]' }),
		Sum: message({
			dataPoints: '1 NumberDataPoint[]',
			aggregationTemporality: '2 int32',
			isMonotonic: '3 bool'
		}),
		Histogram: message({ dataPoints: '1 HistogramDataPoint[]', aggregationTemporality: '2 int32' }),
		ExponentialHistogram: message({
			dataPoints: '1 ExponentialHistogramDataPoint[]',
			aggregationTemporality: '2 int32'
		}),
		NumberDataPoint: message({
			startTimeUnixNano: '2 fixed64',
			timeUnixNano: '3 fixed64',
			asDouble: '4 double',
			asInt: '6 sfixed64',
			attributes: '7 KeyValue[]'
		}),
		HistogramDataPoint: message({
			startTimeUnixNano: '2 fixed64',
			timeUnixNano: '3 fixed64',
			count: '4 fixed64',
			sum: '5 double',
			bucketCounts: '6 fixed64[]',
			explicitBounds: '7 double[]',
			exemplars: '8 Exemplar[]',
			attributes: '9 KeyValue[]',
			min: '11 double',
			max: '12 double'
		}),
		Exemplar: message({
			timeUnixNano: '2 fixed64',
			asDouble: '3 double',
			spanId: '4 bytes',
			traceId: '5 bytes'
		}),
		ExponentialHistogramDataPoint: message({
			attributes: '1 KeyValue[]',
			startTimeUnixNano: '2 fixed64',
			timeUnixNano: '3 fixed64',
			count: '4 fixed64',
			sum: '5 double',
			scale: '6 sint32',
			zeroCount: '7 fixed64',
			positive: '8 Buckets',
			negative: '9 Buckets',
			exemplars: '11 Exemplar[]'
		}),
		Buckets: message({ offset: '1 sint32', bucketCounts: '2 uint64[]' }),
		Status: message({ message: '2 string', code: '3 int32' }),
		KeyValue: message({ key: '1 string', value: '2 AnyValue' }),
		AnyValue: message(
			{
				stringValue: '1 string',
				boolValue: '2 bool',
				intValue: '3 int64',
				doubleValue: '4 double',
				arrayValue: '5 ArrayValue',
				kvlistValue: '6 KeyValueList',
				bytesValue: '7 bytes'
			},
			'value'
		),
		ArrayValue: message({ values: '1 AnyValue[]' }),
		KeyValueList: message({ values: '1 KeyValue[]' })
	}
});

const requestTypes = {
	traces: root.lookupType('ExportTraceServiceRequest'),
	metrics: root.lookupType('ExportMetricsServiceRequest'),
	logs: root.lookupType('ExportLogsServiceRequest')
};

/** What is received, by the names of the paths. */
export type Signal = keyof typeof requestTypes;

const responseType = root.lookupType('ExportTraceServiceResponse');

/** Decodes a request of a service from protobuf into the shape of its JSON form. */
export function decodeRequest(signal: Signal, body: Uint8Array): unknown {
	const requestType = requestTypes[signal];
	return requestType.toObject(requestType.decode(body), { longs: String });
}

/** What an answer can say about spans that were not taken. */
export interface PartialSuccess {
	rejectedSpans: number;
	errorMessage: string;
}

/** Encodes an `ExportTraceServiceResponse`: empty when everything was taken. */
export function encodeResponse(partialSuccess?: PartialSuccess): Uint8Array {
	return responseType.encode(responseType.fromObject({ partialSuccess })).finish();
}
