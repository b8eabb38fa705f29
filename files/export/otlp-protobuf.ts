import { decodeResponse } from './decode-response.ts';
import { encodeSpans } from './encode-spans.ts';
import type { TraceSerializer } from './otlp-exporter.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

const writer = new ProtobufWriter();

/** OTLP's binary form, over HTTP and over gRPC. */
export const serializer: TraceSerializer = {
	serializeRequest(spans) {
		writer.clear();
		encodeSpans(writer, spans);
		return writer.take();
	},
	deserializeResponse: decodeResponse
};
