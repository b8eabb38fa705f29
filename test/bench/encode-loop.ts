import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { RandomIds } from '../../files/sdk/random-ids.ts';
import { encoding } from '../../files/traces/spans-protobuf.ts';
import { spreadOf } from './statistics.ts';

/*
 * `npm exec -- node test/bench/encode-loop.ts`: the CPU time to encode one span of SvelteKit in a batch of 512, in
 * microseconds, by this package and by the SDK's serializer.
 */

const GROUPS = 40;
const BATCHES_IN_GROUP = 20;
const SPANS = 512;
const SPANS_OF_TRACE = 12;

const ids = new RandomIds();
const resource = resourceFromAttributes({ 'service.name': 'shop' });
const instrumentationScope = { name: 'sveltekit' };

/** The spans of `load` functions, in traces of a dozen. */
function createSpans(): ReadableSpan[] {
	let traceId = '';
	let parentId = '';
	return Array.from({ length: SPANS }, (_, index) => {
		if (index % SPANS_OF_TRACE === 0) [traceId, parentId] = [ids.generateTraceId(), ids.generateSpanId()];
		const spanContext = { traceId, spanId: ids.generateSpanId(), traceFlags: 1 };
		return {
			name: 'sveltekit.load blog/[slug]/+page.server.js',
			kind: SpanKind.INTERNAL,
			spanContext: () => spanContext,
			parentSpanContext: { traceId, spanId: parentId, traceFlags: 1 },
			startTime: [1_763_800_000, 123_456_789 + index],
			endTime: [1_763_800_000, 124_456_789 + index],
			duration: [0, 1_000_000],
			ended: true,
			status: { code: SpanStatusCode.UNSET },
			attributes: {
				'sveltekit.load.node_id': 'src/routes/blog/[slug]/+page.server.js',
				'sveltekit.load.node_type': '+page.server',
				'sveltekit.load.environment': 'server',
				'http.route': '/blog/[slug]'
			},
			links: [],
			events: [],
			resource,
			instrumentationScope,
			droppedAttributesCount: 0,
			droppedEventsCount: 0,
			droppedLinksCount: 0
		};
	});
}

const batch = encoding.createBatch((_span, cause) => {
	throw cause;
});
const encoders: Record<string, (spans: ReadableSpan[]) => void> = {
	'this package': (spans) => {
		for (const span of spans) batch.add(span, Infinity);
		batch.reuse(batch.take()!.body);
	},
	"the SDK's serializer": (spans) => void ProtobufTraceSerializer.serializeRequest(spans)
};

const found = new Map(Object.keys(encoders).map((name) => [name, [] as number[]]));
for (let group = 0; group < GROUPS; group++) {
	for (const [name, encode] of Object.entries(encoders)) {
		const batches = Array.from({ length: BATCHES_IN_GROUP }, createSpans);
		const before = process.cpuUsage();
		for (const spans of batches) encode(spans);
		const { user, system } = process.cpuUsage(before);
		// the first half warms up
		if (group >= GROUPS / 2) found.get(name)!.push((user + system) / BATCHES_IN_GROUP / SPANS);
	}
}
for (const [name, costs] of found) {
	const { median, low, high } = spreadOf(costs);
	console.log(`${name}: ${median.toFixed(2)} µs (${low.toFixed(2)} to ${high.toFixed(2)})`);
}
