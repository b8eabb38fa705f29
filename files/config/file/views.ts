import type { MeterProviderConfigModel } from '@opentelemetry/configuration';
import { AggregationType, InstrumentType, type ViewOptions } from '@opentelemetry/sdk-metrics';
import { toExpression } from './expression.ts';
import { type Problems, onlyEntry } from './problems.ts';

type ViewNode = NonNullable<MeterProviderConfigModel['views']>[number];
type Aggregation = NonNullable<ViewNode['stream']['aggregation']>;
type Keys = NonNullable<ViewNode['stream']['attribute_keys']>;

/** The default bucket boundaries of a histogram, from the schema. */
const BOUNDS = [0, 5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10_000];

/** Creates a view of a configuration file. Mirrors `createViewOptionsFromConfig` of `@opentelemetry/sdk-node`. */
export function toView({ selector, stream }: ViewNode, path: string, problems: Problems): ViewOptions {
	const { instrument_type: type } = selector;
	const { aggregation, attribute_keys: keys, aggregation_cardinality_limit: limit } = stream;
	return withoutNone({
		instrumentName: selector.instrument_name,
		instrumentType: type && InstrumentType[type.toUpperCase() as keyof typeof InstrumentType],
		instrumentUnit: selector.unit,
		meterName: selector.meter_name,
		meterVersion: selector.meter_version,
		meterSchemaUrl: selector.meter_schema_url,
		name: stream.name,
		description: stream.description,
		aggregation: aggregation && toAggregation(aggregation, `${path}.stream.aggregation`, problems),
		aggregationCardinalityLimit: limit,
		attributesProcessors: keys && [keeper(keys)]
	});
}

/** Removes empty properties: the SDK distinguishes a missing property from an undefined one. */
const withoutNone = (view: {
	[Key in keyof ViewOptions]: ViewOptions[Key] | null | undefined;
}): ViewOptions =>
	Object.fromEntries(
		Object.entries(view).filter(([, value]) => value !== undefined && value !== null && value !== '')
	);

function toAggregation(node: Aggregation, path: string, problems: Problems): ViewOptions['aggregation'] {
	const { explicit_bucket_histogram: explicit, base2_exponential_bucket_histogram: exponential } = node;
	const [name] = onlyEntry(node);
	switch (name) {
		case 'default':
			return { type: AggregationType.DEFAULT };
		case 'drop':
			return { type: AggregationType.DROP };
		case 'sum':
			return { type: AggregationType.SUM };
		case 'last_value':
			return { type: AggregationType.LAST_VALUE };
		case 'explicit_bucket_histogram':
			return {
				type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM,
				options: {
					recordMinMax: explicit?.record_min_max ?? true,
					boundaries: explicit?.boundaries ?? BOUNDS
				}
			};
		case 'base2_exponential_bucket_histogram':
			if (exponential?.max_scale !== undefined && exponential.max_scale !== null)
				problems.add(`${path}.${name}.max_scale`, 'is not supported');
			return {
				type: AggregationType.EXPONENTIAL_HISTOGRAM,
				options: { recordMinMax: exponential?.record_min_max ?? true, maxSize: exponential?.max_size ?? 160 }
			};
		default:
			problems.add(`${path}.${name}`, 'is not supported');
			return undefined;
	}
}

/** Keeps the attributes whose keys are included (default: all) and not excluded. */
function keeper(keys: Keys): NonNullable<ViewOptions['attributesProcessors']>[number] {
	const expression = toExpression(keys);
	return {
		process: (attributes) =>
			Object.fromEntries(Object.entries(attributes).filter(([key]) => expression.test(key)))
	};
}
