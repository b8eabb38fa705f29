import type { Meter } from '@opentelemetry/api';

/** Methods of a meter that create instruments. */
export type Create = Exclude<keyof Meter, 'addBatchObservableCallback' | 'removeBatchObservableCallback'>;

/**
 * All methods of a meter that create instruments.
 *
 * @param create returns the method of this name
 */
export const creators = (
	create: <Name extends Create>(method: Name) => Meter[Name]
): Pick<Meter, Create> => ({
	createGauge: create('createGauge'),
	createHistogram: create('createHistogram'),
	createCounter: create('createCounter'),
	createUpDownCounter: create('createUpDownCounter'),
	createObservableGauge: create('createObservableGauge'),
	createObservableCounter: create('createObservableCounter'),
	createObservableUpDownCounter: create('createObservableUpDownCounter')
});
