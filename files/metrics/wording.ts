import type { Wording } from '../otlp/wording.ts';

export const WORDING: Wording = {
	one: 'data point',
	many: 'data points',
	meanwhile: 'Measuring continues, and the next export contains the totals'
};

/** With delta temporality, data of a failed export is lost. */
export const DELTA_WORDING: Wording = { ...WORDING, meanwhile: 'Measuring continues' };
