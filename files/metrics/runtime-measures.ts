import { type Meter, ROOT_CONTEXT } from '@opentelemetry/api';
import {
	ATTR_NODEJS_EVENTLOOP_STATE,
	ATTR_V8JS_GC_TYPE,
	ATTR_V8JS_HEAP_SPACE_NAME,
	ATTR_V8JS_RESOURCE_TYPE,
	METRIC_NODEJS_EVENTLOOP_DELAY_MAX,
	METRIC_NODEJS_EVENTLOOP_DELAY_MEAN,
	METRIC_NODEJS_EVENTLOOP_DELAY_MIN,
	METRIC_NODEJS_EVENTLOOP_DELAY_P50,
	METRIC_NODEJS_EVENTLOOP_DELAY_P90,
	METRIC_NODEJS_EVENTLOOP_DELAY_P99,
	METRIC_NODEJS_EVENTLOOP_DELAY_STDDEV,
	METRIC_NODEJS_EVENTLOOP_TIME,
	METRIC_NODEJS_EVENTLOOP_UTILIZATION,
	METRIC_V8JS_GC_DURATION,
	METRIC_V8JS_MEMORY_HEAP_SPACE_AVAILABLE_SIZE,
	METRIC_V8JS_MEMORY_HEAP_SPACE_PHYSICAL_SIZE,
	METRIC_V8JS_MEMORY_HEAP_SPACE_SIZE,
	METRIC_V8JS_MEMORY_HEAP_USED,
	METRIC_V8JS_RESOURCE_ACTIVE,
	NODEJS_EVENTLOOP_STATE_VALUE_ACTIVE,
	NODEJS_EVENTLOOP_STATE_VALUE_IDLE,
	V8JS_GC_TYPE_VALUE_INCREMENTAL,
	V8JS_GC_TYPE_VALUE_MAJOR,
	V8JS_GC_TYPE_VALUE_MINOR,
	V8JS_GC_TYPE_VALUE_WEAKCB,
	V8JS_RESOURCE_TYPE_VALUE_TCPWRAP
} from '@opentelemetry/semantic-conventions/incubating';
import { PerformanceObserver, constants, monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';

const NANOSECONDS = 1e9;

/** Node's name of a TCP connection, for which the conventions have another one. */
const NODE_TCP_CONNECTION = 'TCPSocketWrap';

const GC_TYPES = new Map<number, string>([
	[constants.NODE_PERFORMANCE_GC_MINOR, V8JS_GC_TYPE_VALUE_MINOR],
	[constants.NODE_PERFORMANCE_GC_MAJOR, V8JS_GC_TYPE_VALUE_MAJOR],
	[constants.NODE_PERFORMANCE_GC_INCREMENTAL, V8JS_GC_TYPE_VALUE_INCREMENTAL],
	[constants.NODE_PERFORMANCE_GC_WEAKCB, V8JS_GC_TYPE_VALUE_WEAKCB]
]);

/**
 * Measures Node and V8 according to their conventions
 * (https://opentelemetry.io/docs/specs/semconv/runtime/nodejs-metrics/,
 * https://opentelemetry.io/docs/specs/semconv/runtime/v8js-metrics/), which have the status Development.
 * Does not keep the process alive.
 *
 * @param meter creates the instruments
 * @returns ends it
 */
export function measureRuntime(meter: Meter): () => void {
	const endEventLoop = measureEventLoop(meter);
	measureHeap(meter);
	measureResources(meter);
	const endCollections = measureCollections(meter);
	return () => {
		endEventLoop();
		endCollections();
	};
}

function measureEventLoop(meter: Meter): () => void {
	const delays = monitorEventLoopDelay();
	delays.enable();
	const gauge = (name: string, description: string) =>
		meter.createObservableGauge(name, { description: `Event loop ${description} delay.`, unit: 's' });
	const min = gauge(METRIC_NODEJS_EVENTLOOP_DELAY_MIN, 'minimum');
	const max = gauge(METRIC_NODEJS_EVENTLOOP_DELAY_MAX, 'maximum');
	const mean = gauge(METRIC_NODEJS_EVENTLOOP_DELAY_MEAN, 'mean');
	const deviation = gauge(METRIC_NODEJS_EVENTLOOP_DELAY_STDDEV, 'standard deviation');
	const p50 = gauge(METRIC_NODEJS_EVENTLOOP_DELAY_P50, '50 percentile');
	const p90 = gauge(METRIC_NODEJS_EVENTLOOP_DELAY_P90, '90 percentile');
	const p99 = gauge(METRIC_NODEJS_EVENTLOOP_DELAY_P99, '99 percentile');
	let values: [typeof min, number][] = [];
	meter.addBatchObservableCallback(
		(result) => {
			// there are none in the first milliseconds after a collection, perhaps that of another reader
			if (delays.count > 0) {
				values = [
					[min, delays.min],
					[max, delays.max],
					[mean, delays.mean],
					[deviation, delays.stddev],
					[p50, delays.percentile(50)],
					[p90, delays.percentile(90)],
					[p99, delays.percentile(99)]
				];
				delays.reset();
			}
			for (const [instrument, value] of values) result.observe(instrument, value / NANOSECONDS);
		},
		[min, max, mean, deviation, p50, p90, p99]
	);

	const utilization = meter.createObservableGauge(METRIC_NODEJS_EVENTLOOP_UTILIZATION, {
		description: 'Event loop utilization.',
		unit: '1'
	});
	const time = meter.createObservableCounter(METRIC_NODEJS_EVENTLOOP_TIME, {
		description: 'Cumulative duration of time the event loop has been in each state.',
		unit: 's'
	});
	let last = performance.eventLoopUtilization();
	meter.addBatchObservableCallback(
		(result) => {
			const now = performance.eventLoopUtilization();
			result.observe(utilization, performance.eventLoopUtilization(now, last).utilization);
			last = now;
			const state = (value: string) => ({ [ATTR_NODEJS_EVENTLOOP_STATE]: value });
			result.observe(time, now.active / 1000, state(NODEJS_EVENTLOOP_STATE_VALUE_ACTIVE));
			result.observe(time, now.idle / 1000, state(NODEJS_EVENTLOOP_STATE_VALUE_IDLE));
		},
		[utilization, time]
	);
	return () => void delays.disable();
}

function measureHeap(meter: Meter): void {
	const bytes = (name: string, description: string) =>
		meter.createObservableUpDownCounter(name, { description, unit: 'By' });
	const size = bytes(
		METRIC_V8JS_MEMORY_HEAP_SPACE_SIZE,
		'Total heap memory size pre-allocated for a heap space.'
	);
	const used = bytes(METRIC_V8JS_MEMORY_HEAP_USED, 'Heap Memory size allocated.');
	const available = bytes(METRIC_V8JS_MEMORY_HEAP_SPACE_AVAILABLE_SIZE, 'Heap space available size.');
	const physical = bytes(METRIC_V8JS_MEMORY_HEAP_SPACE_PHYSICAL_SIZE, 'Committed size of a heap space.');
	meter.addBatchObservableCallback(
		(result) => {
			for (const space of getHeapSpaceStatistics()) {
				const attributes = { [ATTR_V8JS_HEAP_SPACE_NAME]: space.space_name };
				result.observe(size, space.space_size, attributes);
				result.observe(used, space.space_used_size, attributes);
				result.observe(available, space.space_available_size, attributes);
				result.observe(physical, space.physical_space_size, attributes);
			}
		},
		[size, used, available, physical]
	);
}

/** The types are kinds of handles and requests of Node: the app cannot add any. */
function measureResources(meter: Meter): void {
	const counts = new Map<string, number>();
	meter
		.createObservableGauge(METRIC_V8JS_RESOURCE_ACTIVE, {
			description: 'Gauge of the active resources that are currently keeping the event loop alive.',
			unit: '{resource}'
		})
		.addCallback((result) => {
			// a type that is gone is 0: without a value, its last one would seem to last
			for (const type of counts.keys()) counts.set(type, 0);
			for (const resource of process.getActiveResourcesInfo()) {
				const type = resource === NODE_TCP_CONNECTION ? V8JS_RESOURCE_TYPE_VALUE_TCPWRAP : resource;
				counts.set(type, (counts.get(type) ?? 0) + 1);
			}
			for (const [type, count] of counts) result.observe(count, { [ATTR_V8JS_RESOURCE_TYPE]: type });
		});
}

function measureCollections(meter: Meter): () => void {
	const duration = meter.createHistogram(METRIC_V8JS_GC_DURATION, {
		description: 'Garbage collection duration.',
		unit: 's',
		advice: { explicitBucketBoundaries: [0.01, 0.1, 1, 10] }
	});
	const observer = new PerformanceObserver((list) => {
		for (const entry of list.getEntries()) {
			const { duration: ms, detail } = entry as typeof entry & { detail?: { kind?: number } };
			const type = GC_TYPES.get(detail?.kind ?? 0);
			if (type) duration.record(ms / 1000, { [ATTR_V8JS_GC_TYPE]: type }, ROOT_CONTEXT);
		}
	});
	observer.observe({ entryTypes: ['gc'] });
	return () => observer.disconnect();
}
