import type { Wording } from '../otlp/wording.ts';

export const WORDING: Wording = {
	one: 'data point',
	many: 'data points',
	source: 'meter',
	meanwhile: 'Measuring continues, and the next export contains the totals',
	remedy: 'Raise OTEL_METRIC_EXPORT_INTERVAL',
	malformed: 'an attribute that is not a string, number or boolean'
};

/** With delta temporality, data of a failed export is lost. */
export const DELTA_WORDING: Wording = { ...WORDING, meanwhile: 'Measuring continues' };
