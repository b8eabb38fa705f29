import { combinations as all } from '../e2e/combinations.ts';
import type { CombinationId } from '../support/matrix.ts';

/**
 * Every test of reliability has two forms: a short one, part of `npm test`, and the full one, which
 * `npm run test:reliability` runs and whose figures are printed.
 */
export const isFull = process.env['RELIABILITY'] === 'full';

/** The value for the form that runs. */
export const choose = <T>(short: T, full: T): T => (isFull ? full : short);

/** Prints a figure of the run. */
export function report(what: string, figures: Record<string, number | string>): void {
	const text = Object.entries(figures).map(
		([name, value]) => `${name} ${typeof value === 'number' ? Math.round(value * 10) / 10 : value}`
	);
	process.stdout.write(`${what}: ${text.join(', ')}\n`);
}

/** The short form is about the newest versions; what differs between versions is tested elsewhere. */
export const combinations: CombinationId[] = choose(all.slice(-1), all);
