/** The median, and the quartiles: half of the values are between them. */
export interface Spread {
	median: number;
	low: number;
	high: number;
}

/** Median and quartiles. */
export function spreadOf(values: readonly number[]): Spread {
	const sorted = values.toSorted((a, b) => a - b);
	const at = (q: number): number => {
		const position = q * (sorted.length - 1);
		const below = sorted[Math.floor(position)] ?? Number.NaN;
		const above = sorted[Math.ceil(position)] ?? Number.NaN;
		return below + (above - below) * (position - Math.floor(position));
	};
	return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** The mean, and half the width of its 95 % confidence interval. */
export function meanOf(values: readonly number[]): { mean: number; margin: number } {
	const mean = sumOf(values, (value) => value) / values.length;
	const variance = sumOf(values, (value) => (value - mean) ** 2) / (values.length - 1);
	return { mean, margin: 1.96 * Math.sqrt(variance / values.length) };
}

/** The sum of a function's results. */
export function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
	return items.reduce((sum, item) => sum + of(item), 0);
}

/** In random order, so that no variant always has the same place. */
export function shuffled<T>(items: readonly T[]): T[] {
	return items
		.map((item) => ({ item, at: Math.random() }))
		.toSorted((a, b) => a.at - b.at)
		.map(({ item }) => item);
}
