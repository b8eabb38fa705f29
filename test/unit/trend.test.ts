import { describe, expect, test } from 'vitest';
import { trendOf } from '../reliability/trend.ts';

describe('the trend of the measurements of a long run', () => {
	test('is the growth of a straight line, with no noise', () => {
		const { growth, noise } = trendOf([1, 2, 3, 4, 5]);
		expect(growth).toBeCloseTo(4);
		expect(noise).toBeCloseTo(0);
	});

	test('is only noise if values go up and down', () => {
		const { growth, noise } = trendOf([18.6, 19.2, 18.5, 19.6, 18.4, 19.4, 18.6, 19.1, 18.5, 19.3]);
		expect(Math.abs(growth)).toBeLessThan(noise);
	});

	test('distinguishes a leak from noise', () => {
		const leaking = [18.6, 19.2, 18.5, 19.6, 18.4, 19.4, 18.6, 19.1, 18.5, 19.3].map(
			(megabytes, at) => megabytes + 0.4 * at
		);
		const { growth, noise } = trendOf(leaking);
		expect(growth).toBeGreaterThan(noise);
	});
});
