import type { Attributes } from '@opentelemetry/api';
import type { Item } from './batch.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

/*
 * The protobuf messages that all signals of OTLP have in common
 * (https://github.com/open-telemetry/opentelemetry-proto/tree/main/opentelemetry/proto).
 */

const TWO_TO_63 = 2 ** 63;

/** Writes `ResourceSpans`, `ResourceLogs` and so on, without their scopes. */
export function writeResource(writer: ProtobufWriter, { attributes, schemaUrl }: Item['resource']): void {
	const start = writer.begin(1);
	writeAttributes(writer, 1, attributes);
	writer.end(start);
	if (schemaUrl) writer.string(3, schemaUrl);
}

/** Writes `ScopeSpans`, `ScopeLogs` and so on, without their items. */
export function writeScope(writer: ProtobufWriter, scope: Item['instrumentationScope']): void {
	const { name, version, schemaUrl, attributes, droppedAttributesCount } = scope as typeof scope & {
		attributes?: Attributes;
		droppedAttributesCount?: number;
	};
	const start = writer.begin(1);
	writer.string(1, name);
	if (version) writer.string(2, version);
	writeAttributes(writer, 3, attributes);
	if (droppedAttributesCount) writer.uint(4, droppedAttributesCount);
	writer.end(start);
	if (schemaUrl) writer.string(3, schemaUrl);
}

/** Writes a list of `KeyValue`. */
export function writeAttributes(writer: ProtobufWriter, field: number, attributes: object | undefined): void {
	for (const key in attributes) {
		if (!Object.hasOwn(attributes, key)) continue;
		const start = writer.begin(field);
		writer.name(1, key);
		writeValue(writer, 2, attributes[key as never]);
		writer.end(start);
	}
}

/** Writes an `AnyValue`; it is empty if OTLP has no type for the value. */
export function writeValue(writer: ProtobufWriter, field: number, value: unknown): void {
	const start = writer.begin(field);
	if (typeof value === 'string') {
		writer.string(1, value);
	} else if (typeof value === 'boolean') {
		writer.uint(2, Number(value));
	} else if (typeof value === 'number') {
		if (Number.isInteger(value) && value >= -TWO_TO_63 && value < TWO_TO_63) writer.int64(3, value);
		else writer.double(4, value);
	} else if (value instanceof Uint8Array) {
		writer.bytes(7, value);
	} else if (Array.isArray(value)) {
		const list = writer.begin(5);
		for (const item of value) writeValue(writer, 1, item);
		writer.end(list);
	} else if (typeof value === 'object' && value !== null) {
		const list = writer.begin(6);
		writeAttributes(writer, 1, value);
		writer.end(list);
	}
	writer.end(start);
}
