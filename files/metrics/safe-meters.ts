import {
	type Attributes,
	type Context,
	type Meter,
	type MeterOptions,
	type MeterProvider,
	createNoopMeter,
	diag
} from '@opentelemetry/api';
import type { MeterProvider as SdkMeterProvider } from '@opentelemetry/sdk-metrics';
import { describeError } from '../diagnostics/log.ts';
import { type Create, creators } from './instruments.ts';

/** An instrument, by the calls that record a measurement. */
type Recording = Partial<
	Record<'add' | 'record', (value: number, attributes?: Attributes, within?: Context) => void>
>;

/**
 * Wraps the SDK's meters so that calls are safe with any value: the SDK throws for an attribute that is a BigInt,
 * for one.
 */
export class SafeMeterProvider implements MeterProvider {
	readonly #provider: SdkMeterProvider;

	/** @param provider the SDK's provider */
	constructor(provider: SdkMeterProvider) {
		this.#provider = provider;
	}

	getMeter(name: string, version?: string, options?: MeterOptions): Meter {
		return guardMeter(this.#provider.getMeter(name, version, options));
	}

	/** For code that flushes the registered provider itself. */
	forceFlush(...args: Parameters<SdkMeterProvider['forceFlush']>): Promise<void> {
		return this.#provider.forceFlush(...args);
	}

	/** For code that shuts the registered provider down. */
	shutdown(...args: Parameters<SdkMeterProvider['shutdown']>): Promise<void> {
		return this.#provider.shutdown(...args);
	}
}

function guardMeter(meter: Meter): Meter {
	const create = <Name extends Create>(method: Name): Meter[Name] =>
		((...args: unknown[]) => {
			const createWith = (each: Meter): Recording =>
				Reflect.apply(each[method] as (...args: unknown[]) => Recording, each, args);
			return (
				attempt(`the instrument ${String(args[0])} could not be made`, () =>
					guardInstrument(String(args[0]), createWith(meter))
				) ?? createWith(createNoopMeter())
			);
		}) as Meter[Name];
	return {
		...creators(create),
		addBatchObservableCallback: (callback, observables) =>
			attempt('a callback could not be added', () => meter.addBatchObservableCallback(callback, observables)),
		removeBatchObservableCallback: (callback, observables) =>
			attempt('a callback could not be removed', () =>
				meter.removeBatchObservableCallback(callback, observables)
			)
	};
}

/** On the object itself: the SDK recognizes its instruments by their class. */
function guardInstrument(name: string, instrument: Recording): Recording {
	for (const method of ['add', 'record'] as const) {
		const measure = instrument[method];
		if (!measure) continue;
		instrument[method] = (value, attributes, within) => {
			try {
				measure.call(instrument, value, attributes, within);
			} catch (error) {
				diag.warn(`a measurement of ${name} is ignored (${describeError(error)})`);
			}
		};
	}
	return instrument;
}

function attempt<Result>(failure: string, call: () => Result): Result | undefined {
	try {
		return call();
	} catch (error) {
		diag.warn(`${failure} (${describeError(error)}): it is ignored`);
		return undefined;
	}
}
