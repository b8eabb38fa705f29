/** What a series of values does over time, as a straight line through it says. */
export interface Trend {
	/** How much the line rises from the first value to the last. */
	growth: number;
	/** How far the line may be off by chance: three standard errors of that growth. */
	noise: number;
}

/**
 * The trend of equally spaced values, by least squares.
 *
 * @param values at least three
 */
export function trendOf(values: readonly number[]): Trend {
	const span = values.length - 1;
	const middle = span / 2;
	const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
	const spread = values.reduce((sum, _, at) => sum + (at - middle) ** 2, 0);
	const slope = values.reduce((sum, value, at) => sum + (at - middle) * (value - mean), 0) / spread;
	const residual = values.reduce((sum, value, at) => sum + (value - mean - slope * (at - middle)) ** 2, 0);
	const standardError = Math.sqrt(residual / (values.length - 2) / spread);
	return { growth: slope * span, noise: 3 * standardError * span };
}
