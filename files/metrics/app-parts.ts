import {
	type AggregationOption,
	AggregationTemporality,
	AggregationType,
	type IMetricReader,
	type InstrumentType,
	MeterProvider,
	type MetricProducer,
	type MetricReader,
	type ViewOptions
} from '@opentelemetry/sdk-metrics';
import { guard } from '../diagnostics/guard.ts';
import { describeError, log } from '../diagnostics/log.ts';
import { SERIES_LIMIT } from './limits.ts';

/** Leaves out the views that the SDK would throw for. */
export const keepValid = (views: readonly ViewOptions[], file: string): ViewOptions[] =>
	views.filter((view, index) => {
		try {
			return new MeterProvider({ views: [view] });
		} catch (error) {
			log(
				'warn',
				`views[${index}] of ${file} is not valid (${describeError(error)}): it is left out. Name an instrument, its type or its meter`
			);
			return false;
		}
	});

/** Copies the attributes for the processors of a view, which may change what they get: those of requests are shared. */
export const withCopies = (view: ViewOptions): ViewOptions =>
	Array.isArray(view?.attributesProcessors)
		? {
				...view,
				attributesProcessors: view.attributesProcessors.map((each) => ({
					process: (incoming, context) => each.process({ ...incoming }, context)
				}))
			}
		: view;

/** The app's metric readers, wrapped so that they cannot throw. They can be of another version of the SDK. */
export const guardReaders = (readers: readonly MetricReader[]): IMetricReader[] =>
	readers.map((reader, index) => {
		const method = <Args extends unknown[], Result>(
			name: keyof IMetricReader,
			call: (...args: Args) => Result,
			fallback: () => Result
		) => guard(`metricReaders[${index}].${name}`, call, fallback);
		const resolved = async (): Promise<void> => {};
		const DEFAULT: AggregationOption = { type: AggregationType.DEFAULT };
		return {
			setMetricProducer: method(
				'setMetricProducer',
				(producer: MetricProducer) => reader.setMetricProducer(producer),
				() => {}
			),
			selectAggregation: method(
				'selectAggregation',
				(type: InstrumentType) => {
					const chosen = reader.selectAggregation?.(type) ?? DEFAULT;
					if (isOlderDefault(chosen)) return DEFAULT;
					if (typeof chosen.type !== 'number')
						throw new TypeError('it has returned no aggregation of @opentelemetry/sdk-metrics 2 or later');
					return chosen;
				},
				() => DEFAULT
			),
			selectAggregationTemporality: method(
				'selectAggregationTemporality',
				(type: InstrumentType) =>
					reader.selectAggregationTemporality?.(type) ?? AggregationTemporality.CUMULATIVE,
				() => AggregationTemporality.CUMULATIVE
			),
			selectCardinalityLimit: method(
				'selectCardinalityLimit',
				(type: InstrumentType) => reader.selectCardinalityLimit?.(type) ?? SERIES_LIMIT,
				() => SERIES_LIMIT
			),
			collect: (options) => reader.collect(options),
			forceFlush: method('forceFlush', () => reader.forceFlush(), resolved),
			shutdown: method('shutdown', () => reader.shutdown(), resolved)
		};
	});

/**
 * Whether it is the default aggregation of `@opentelemetry/sdk-metrics` 1, which has classes in the place of
 * types: https://github.com/open-telemetry/opentelemetry-js/blob/v1.30.1/packages/sdk-metrics/src/view/Aggregation.ts
 */
const isOlderDefault = (chosen: object): boolean => '_resolve' in chosen && 'createAggregator' in chosen;
