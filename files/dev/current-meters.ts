import {
	type BatchObservableCallback,
	type Meter,
	type MeterProvider,
	type Observable,
	createNoopMeter
} from '@opentelemetry/api';
import { type Create, creators } from '../metrics/instruments.ts';

/** A provider that the app may also flush and shut down. */
type Provider = MeterProvider & { forceFlush?(): Promise<void>; shutdown?(): Promise<void> };

type Method = (...args: unknown[]) => unknown;

/** An instrument of any kind, by its methods. */
type Instrument = Partial<Record<'add' | 'record' | 'addCallback' | 'removeCallback', Method>>;

/** A callback that observes, with the instruments that it was added for. */
interface Added {
	callback: unknown;
	observables: ReadonlySet<unknown>;
	/** Adds it to the current provider. */
	add(): void;
	/** Removes it there. */
	remove(): void;
}

/** Makes meters that do nothing. */
const NOTHING: Provider = { getMeter: createNoopMeter };

/**
 * A meter provider that delegates to another one, which can change. A module of the app creates its instruments when it
 * is loaded, and is not loaded again when telemetry restarts: each instrument is made again in the new provider, and
 * callbacks are added to it.
 */
export class CurrentMeterProvider implements MeterProvider {
	#current = NOTHING;
	#added: Added[] = [];
	/** For each of our observable instruments, returns the one of the current provider. */
	readonly #real = new WeakMap<object, () => Observable>();

	/** The provider to delegate to; undefined for none. */
	set current(provider: Provider | undefined) {
		this.#current = provider ?? NOTHING;
		for (const { add } of this.#added) add();
	}

	getMeter(...args: Parameters<MeterProvider['getMeter']>): Meter {
		const meter = this.#latest(() => this.#current.getMeter(...args));
		const create = <Name extends Create>(method: Name): Meter[Name] =>
			((...of: unknown[]) =>
				this.#follow(
					this.#latest(() => Reflect.apply(meter()[method] as Method, meter(), of) as Instrument)
				)) as Meter[Name];
		return {
			...creators(create),
			addBatchObservableCallback: (callback, observables) => {
				const observe: BatchObservableCallback = (result) =>
					callback({
						observe: (observable, ...values) => result.observe(this.#realOf(observable), ...values)
					});
				const real = (): Observable[] => observables.map((each) => this.#realOf(each));
				this.#add({
					callback,
					observables: new Set(observables),
					add: () => meter().addBatchObservableCallback(observe, real()),
					remove: () => meter().removeBatchObservableCallback(observe, real())
				});
			},
			removeBatchObservableCallback: (callback, observables) => this.#remove(callback, new Set(observables))
		};
	}

	/** For code that flushes the registered provider itself. */
	async forceFlush(): Promise<void> {
		await this.#current.forceFlush?.();
	}

	/** For code that shuts the registered provider down. */
	async shutdown(): Promise<void> {
		await this.#current.shutdown?.();
	}

	/** Returns a function that makes something once for each provider. */
	#latest<T>(make: () => T): () => T {
		let made = make();
		let madeBy = this.#current;
		return () => {
			if (madeBy !== this.#current) {
				madeBy = this.#current;
				made = make();
			}
			return made;
		};
	}

	/** Creates an instrument with the methods of the one that it delegates to. */
	#follow(real: () => Instrument): Instrument {
		if ('add' in real()) return { add: (...measured) => real().add?.(...measured) };
		if ('record' in real()) return { record: (...measured) => real().record?.(...measured) };
		const instrument: Instrument = {
			addCallback: (callback) =>
				this.#add({
					callback,
					observables: new Set([instrument]),
					add: () => real().addCallback?.(callback),
					remove: () => real().removeCallback?.(callback)
				}),
			removeCallback: (callback) => this.#remove(callback, new Set([instrument]))
		};
		this.#real.set(instrument, real as () => Observable);
		return instrument;
	}

	#realOf(observable: Observable): Observable {
		return this.#real.get(observable)?.() ?? observable;
	}

	#add(added: Added): void {
		// adding it a second time changes nothing
		if (this.#find(added.callback, added.observables)) return;
		this.#added.push(added);
		added.add();
	}

	#remove(callback: unknown, observables: ReadonlySet<unknown>): void {
		const added = this.#find(callback, observables);
		this.#added = this.#added.filter((each) => each !== added);
		added?.remove();
	}

	#find(callback: unknown, observables: ReadonlySet<unknown>): Added | undefined {
		return this.#added.find(
			(each) =>
				each.callback === callback &&
				each.observables.size === observables.size &&
				[...observables].every((observable) => each.observables.has(observable))
		);
	}
}
